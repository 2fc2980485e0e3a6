//! Elements and flows that go on under another address.
//!
//! Comes in: the models of both sides. Goes out: pairs of ids. Whatever is not certain is new on one side and gone on the other.

use super::{Delta, Rename, apis, counted};
use crate::model::fact::{Fact, Facts};
use crate::model::{Element, ElementId, ElementKind, Flow, FlowId, IMPLIED, Model, Outside, Rank};
use crate::source::RepoPath;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Flows of the base whose ends were renamed, with the ids that they have at the head.
pub fn renamed_flows(base: &Model, renames: &[Rename]) -> Vec<(FlowId, FlowId)> {
    let new_id: BTreeMap<&ElementId, &ElementId> = renames.iter().map(|rename| (&rename.from, &rename.to)).collect();
    let flows = base.flows.iter().map(|flow| (flow.id.clone(), renamed_flow(flow, &new_id)));
    flows.filter(|(old, new)| old != new).collect()
}

/// The id that the flow has once its ends bear their new addresses.
pub(super) fn renamed_flow(flow: &Flow, new_id: &BTreeMap<&ElementId, &ElementId>) -> FlowId {
    let from = new_id.get(&flow.from).copied();
    let to = new_id.get(&flow.to).copied();
    if from.is_none() && to.is_none() {
        return flow.id.clone();
    }
    // What stands behind the means tells two such flows apart, and stays.
    let plain = FlowId::new(&flow.unit, &flow.from, &flow.to, flow.means);
    let rest = flow.id.as_str().strip_prefix(plain.as_str()).unwrap_or_default();
    // Where a template is nested now, its elements are of another unit.
    let unit = from.or(to).map_or_else(|| flow.unit.clone(), |id| RepoPath::new(id.unit()));
    let renamed = FlowId::new(&unit, from.unwrap_or(&flow.from), to.unwrap_or(&flow.to), flow.means);
    FlowId(format!("{renamed}{rest}"))
}

/// Elements that are gone on one side and new on the other, and that are the same by everything but their address, or are made of the same block
/// of the same file, which another template or module nests now or nests no longer.
///
/// A pair is taken only if it is unique: two candidates on either side mean that nobody can tell, and then nothing is carried.
pub(super) fn find(base: &Model, head: &Model) -> Vec<Rename> {
    // A host, something of another account or what is named and made elsewhere is known by its name alone: another name is another party.
    let is_a_name = |element: &Element| element.outside.is_some() && element.address.starts_with("name:");
    let is_outside = |element: &Element| matches!(element.outside, Some(Outside::World | Outside::OtherAccount));
    // What the other side states under that address, though it makes no element of it, is no other thing under another one.
    let is_free = |model: &Model, element: &Element| model.element(&element.id).is_none() && !model.resources.contains(&element.id);
    let may_be_renamed = |element: &&Element| !is_outside(element) && !is_a_name(element);
    let gone: Vec<&Element> = base.elements.iter().filter(|element| is_free(head, element)).filter(may_be_renamed).collect();
    let new: Vec<&Element> = head.elements.iter().filter(|element| is_free(base, element)).filter(may_be_renamed).collect();
    if gone.is_empty() || new.is_empty() {
        return Vec::new();
    }
    let mut renames = Vec::new();
    let mut taken: BTreeSet<&ElementId> = BTreeSet::new();
    let counted = counted::pairs(base, head);
    let counted: BTreeMap<&ElementId, &ElementId> = counted.iter().map(|(from, to)| (from, to)).collect();
    let stated: BTreeMap<&str, &ElementId> = head.moved.iter().map(|(from, to)| (from.as_str(), to)).collect();
    for old in &gone {
        let by_count = || counted.get(&old.id).and_then(|new| head.element(new));
        let new =
            moved_to(&old.id, &stated, head).or_else(by_count).filter(|new| base.element(&new.id).is_none() && !taken.contains(&new.id));
        if let Some(new) = new.filter(|new| new.declared == old.declared) {
            taken.extend([&old.id, &new.id]);
            renames.push(Rename { from: old.id.clone(), to: new.id.clone(), exact: has_equal_facts(old, new), stated: true });
        }
    }
    for (old, new) in unique(&gone, &new, block) {
        if !taken.contains(&old.id) && !taken.contains(&new.id) {
            taken.extend([&old.id, &new.id]);
            renames.push(Rename { from: old.id.clone(), to: new.id.clone(), exact: has_equal_facts(old, new), stated: false });
        }
    }
    for (old, new) in apis::pairs((base, head), &gone, &new) {
        if !taken.contains(&old.id) && !taken.contains(&new.id) {
            taken.extend([&old.id, &new.id]);
            renames.push(Rename { from: old.id.clone(), to: new.id.clone(), exact: has_equal_facts(old, new), stated: false });
        }
    }
    for _ in 0..MAX_ROUNDS {
        if !find_alike(base, head, (&gone, &new), &mut renames) {
            break;
        }
    }
    renames.sort();
    renames
}

/// Most times that it is looked what renames tell of their neighbours: what is not found by then is new on one side and gone on the other.
const MAX_ROUNDS: usize = 8;

/// How much two elements must have in common to be one.
#[derive(Clone, Copy)]
enum Alike {
    /// Everything but the address.
    All,
    /// Their neighbours.
    Neighbours,
    /// All facts and the neighbours that somebody wrote; what stands beside them, such as a log group, has another address too.
    Facts,
}

/// Adds the pairs that are alike as far as is known of renames by now; whether there are any. What is found tells more about its neighbours.
fn find_alike<'m>(base: &'m Model, head: &'m Model, (gone, new): (&[&'m Element], &[&'m Element]), renames: &mut Vec<Rename>) -> bool {
    let before = renames.len();
    for alike in [Alike::All, Alike::Neighbours, Alike::Facts] {
        let new_id: BTreeMap<&ElementId, &ElementId> = renames.iter().map(|rename| (&rename.from, &rename.to)).collect();
        let taken: BTreeSet<&ElementId> = new_id.iter().flat_map(|(from, to)| [*from, *to]).collect();
        let [gone, new] = [gone, new].map(|side| side.iter().copied().filter(|element| !taken.contains(&element.id)).collect::<Vec<_>>());
        let is_beside = |model: &Model, id: &ElementId| model.element(id).is_some_and(|element| element.rank == Rank::Second);
        let is_named = |own: &Model, id: &ElementId| !matches!(alike, Alike::Facts) || taken.contains(id) || !is_beside(own, id);
        let gone_ends = neighbours(base, |id| (new_id.get(id).copied().unwrap_or(id), is_named(base, id)));
        let new_ends = neighbours(head, |id| (id, is_named(head, id)));
        let ends = |element: &Element| gone_ends.get(&element.id).or_else(|| new_ends.get(&element.id));
        let exact = !matches!(alike, Alike::Neighbours);
        // Without facts or flows to tell it by, one thing is as good as another.
        let like = |element| Some(likeness(element, ends(element), exact)).filter(|likeness| exact || !likeness.ends.is_empty());
        let found: Vec<Rename> = unique(&gone, &new, like)
            .into_iter()
            .map(|(old, new)| Rename { from: old.id.clone(), to: new.id.clone(), exact, stated: false })
            .collect();
        renames.extend(found);
    }
    let taken: BTreeSet<&ElementId> = renames.iter().flat_map(|rename| [&rename.from, &rename.to]).collect();
    let [gone, new] = [gone, new].map(|side| side.iter().copied().filter(|element| !taken.contains(&element.id)).collect::<Vec<_>>());
    let called_alike = unique(&gone, &new, machine).into_iter().filter(|(old, new)| are_called_alike(&old.address, &new.address));
    let found: Vec<Rename> =
        called_alike.map(|(old, new)| Rename { from: old.id.clone(), to: new.id.clone(), exact: false, stated: false }).collect();
    renames.extend(found);
    renames.len() > before
}

/// What runs programs of its own and keeps nothing, by file and type: where one goes and one comes, its name may tell that they are one. Of functions
/// there are many, and which of them a route leads to is what is judged.
fn machine(element: &Element) -> Option<(&RepoPath, &'static str, &str)> {
    let is_machine = matches!(element.service, "vm" | "container_service") && element.declared != IMPLIED;
    is_machine.then_some((&element.unit, element.service, element.declared.as_str()))
}

/// Whether one name is most of the other, as `EC2Instance` is of `MyEC2Instance`.
fn are_called_alike(old: &str, new: &str) -> bool {
    let (old, new) = (old.to_ascii_lowercase(), new.to_ascii_lowercase());
    let (short, long) = if old.len() < new.len() { (&old, &new) } else { (&new, &old) };
    short.len() * 2 >= long.len() && long.contains(short.as_str())
}

/// Elements that are gone in one template and new in another of the folder, under their own name and with equal facts, by their ids there. Two
/// templates may be two accounts, so that nothing is carried along; what they raise is asked about, and holds nobody up.
pub(super) fn beside(base: &Model, head: &Model, delta: &Delta) -> Vec<(ElementId, ElementId)> {
    let gone: Vec<&Element> = delta.elements_removed.iter().filter_map(|id| base.element(id)).collect();
    let new: Vec<&Element> = delta.elements_added.iter().filter_map(|id| head.element(id)).collect();
    let alike = unique(&gone, &new, name).into_iter().filter(|(old, new)| has_equal_facts(old, new));
    let mut found: Vec<(ElementId, ElementId)> = alike.map(|(old, new)| (old.id.clone(), new.id.clone())).collect();
    // From root to root a resource may go under another name: what it is and may do says which one it was.
    let between_roots = unique(&gone, &new, in_any_root).into_iter().filter(|(old, new)| old.unit != new.unit);
    found.extend(between_roots.map(|(old, new)| (old.id.clone(), new.id.clone())));
    found.sort();
    found
}

/// Type, facts, and services and facts of the parts.
type Making<'m> = (&'m str, Words, Vec<(&'static str, Words)>);

/// What a root of Terraform makes, whatever it is called there; `None` where there is too little to tell it by.
fn in_any_root(element: &Element) -> Option<Making<'_>> {
    let likeness = likeness(element, None, true);
    let says_much = !likeness.parts.is_empty();
    (element.by_folder && element.declared != IMPLIED && says_much).then_some((element.declared.as_str(), likeness.facts, likeness.parts))
}

/// Most steps that an element is followed along what the head says of moves.
const MAX_MOVES: usize = 100;

/// Resources of the base that the head says go on elsewhere, whether an element is made of them or not.
pub(super) fn stated(base: &Model, head: &Model) -> Vec<(ElementId, ElementId)> {
    let stated: BTreeMap<&str, &ElementId> = head.moved.iter().map(|(from, to)| (from.as_str(), to)).collect();
    if stated.is_empty() {
        return Vec::new();
    }
    let followed = |old: &ElementId| followed(old, &stated, &|id| head.resources.contains(id)).filter(|new| !base.resources.contains(new));
    base.resources.difference(&head.resources).filter_map(|old| Some((old.clone(), followed(old)?))).collect()
}

/// Where the head says that an element of the base goes on, in as many steps as it takes.
fn moved_to<'m>(old: &ElementId, stated: &BTreeMap<&str, &ElementId>, head: &'m Model) -> Option<&'m Element> {
    let new = followed(old, stated, &|id| head.element(id).is_some())?;
    head.element(&new).filter(|element| element.id != *old)
}

fn followed(old: &ElementId, stated: &BTreeMap<&str, &ElementId>, is_there: &dyn Fn(&ElementId) -> bool) -> Option<ElementId> {
    let mut at = old.0.clone();
    for _ in 0..MAX_MOVES {
        // What lies below an address moves with it.
        let ends = at.char_indices().filter(|(_, character)| matches!(character, '.' | '[')).map(|(index, _)| index);
        let mut ends: Vec<usize> = ends.chain([at.len()]).collect();
        ends.reverse();
        let next = ends.into_iter().find_map(|end| stated.get(&at[..end]).map(|to| format!("{to}{}", &at[end..])));
        let Some(next) = next else { break };
        at = next;
    }
    // One that is made as often as something says takes the place of one that was made once, and the reverse.
    let first = format!("{at}[0]");
    let only = at.strip_suffix("[0]").map(str::to_owned);
    [Some(at), Some(first), only].into_iter().flatten().map(ElementId).find(is_there)
}

/// The file, the type and the name in it that an element was written under.
fn block(element: &Element) -> Option<(&RepoPath, &str, &str)> {
    let is_declared = element.declared != IMPLIED;
    is_declared.then_some((&element.place.path, element.declared.as_str(), element.own_name()))
}

/// The folder, and the type and the name in whatever template of it that an element was written under. Another folder may be another account,
/// as another root of Terraform is another state.
fn name(element: &Element) -> Option<(&str, &str, &str)> {
    let (_, declared, name) = block(element).filter(|_| !element.by_folder)?;
    Some((element.unit.folder(), declared, name))
}

/// Pairs that have the same key, where nothing else on either side has it.
fn unique<'m, K: Ord>(
    gone: &[&'m Element],
    new: &[&'m Element],
    key: impl Fn(&'m Element) -> Option<K>,
) -> Vec<(&'m Element, &'m Element)> {
    let by_key = |elements: &[&'m Element]| {
        let mut found: BTreeMap<K, Vec<&'m Element>> = BTreeMap::new();
        for element in elements {
            if let Some(key) = key(element) {
                found.entry(key).or_default().push(element);
            }
        }
        found
    };
    let (gone, new) = (by_key(gone), by_key(new));
    let pair = |(key, olds): (&K, &Vec<&'m Element>)| match (olds.as_slice(), new.get(key).map(Vec::as_slice)) {
        ([old], Some([new])) => Some((*old, *new)),
        _ => None,
    };
    gone.iter().filter_map(pair).collect()
}

fn has_equal_facts(old: &Element, new: &Element) -> bool {
    let [old, new] = [old, new].map(|element| {
        let likeness = likeness(element, None, true);
        (likeness.facts, likeness.parts)
    });
    old == new
}

type Words = Vec<(Fact, Cow<'static, str>)>;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness<'m> {
    /// Another file's element of the same making is another element.
    unit: &'m RepoPath,
    kind: ElementKind,
    service: &'static str,
    facts: Words,
    parts: Vec<(&'static str, Words)>,
    ends: BTreeSet<String>,
}

fn likeness<'m>(element: &'m Element, ends: Option<&BTreeSet<String>>, exact: bool) -> Likeness<'m> {
    let words =
        |facts: &Facts| -> Words { if exact { facts.iter().map(|(fact, reading)| (fact, reading.words())).collect() } else { Vec::new() } };
    Likeness {
        unit: &element.unit,
        kind: element.kind,
        service: element.service,
        facts: words(&element.facts),
        parts: if exact { element.parts.iter().map(|part| (part.service, words(&part.facts))).collect() } else { Vec::new() },
        ends: ends.cloned().unwrap_or_default(),
    }
}

/// For each element, its flows as `>address:means` and `<address:means`, with the kind of the other end where `called` says that its address
/// tells nothing.
fn neighbours<'m>(model: &'m Model, called: impl Fn(&'m ElementId) -> (&'m ElementId, bool)) -> BTreeMap<&'m ElementId, BTreeSet<String>> {
    let name = |id: &'m ElementId| match called(id) {
        (id, true) => id.address().to_owned(),
        (_, false) => model.element(id).map_or_else(String::new, |element| format!("any {}", element.service)),
    };
    let mut neighbours: BTreeMap<&ElementId, BTreeSet<String>> = BTreeMap::new();
    for flow in &model.flows {
        neighbours.entry(&flow.from).or_default().insert(format!(">{}:{}", name(&flow.to), flow.means.word()));
        neighbours.entry(&flow.to).or_default().insert(format!("<{}:{}", name(&flow.from), flow.means.word()));
    }
    neighbours
}
