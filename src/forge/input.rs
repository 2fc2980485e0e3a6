//! Input that is not in git: the artifact of a workflow's run, of the very commit that is judged and of nobody else's making.
//!
//! Comes in: which workflow and which artifact, as the base's settings say. Goes out: its files in the trees of both sides, or for each side why
//! they are not there. A run counts if it is the repository's own, of this commit, by an event whose workflow is the commit's, and ended well; the
//! newest of them. Nothing is executed, and nothing is written to a disk.

mod wire;
pub mod zip;

use super::error::{ForgeError, found};
use super::object;
use super::permissions::Feature;
use super::site::Site;
use super::snapshot::Snapshot;
use super::token::Scope;
use super::tree::Place;
use crate::change::{Change, Input, Missing, ObjectId};
use crate::judge::generated;
use crate::queue::job::Subject;
use crate::settings::Generated;
use crate::source::RepoPath;
use sha2::{Digest, Sha256};

/// Largest archive, in bytes: within what one answer of the forge may be.
pub const MAX_ARCHIVE: u64 = 16 * 1024 * 1024;
/// Events whose runs count: the workflow is the one of the commit itself. With `pull_request` it is that of the merge with a base that anybody who may
/// open a pull request chooses; what `pull_request_target` and `workflow_run` make is made by the default branch's workflow of whatever it chose, and
/// what somebody dispatches by inputs that stand nowhere.
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows>, read 2026-11-29.
const EVENTS: [&str; 2] = ["push", "merge_group"];

/// The files of one side.
type Files = Vec<(RepoPath, Vec<u8>)>;
/// The same, or why there are none.
type HandedOver = Result<Files, Missing>;

impl Site {
    /// Looks for the input of both sides, and puts it into their trees if both have it. Gives the number of bytes.
    ///
    /// # Errors
    /// Of the forge, where it may pass.
    pub(super) async fn take_input(&self, snapshot: &mut Snapshot, wanted: &Generated) -> Result<usize, ForgeError> {
        let change = &mut snapshot.change;
        let sides = [change.base.commit, change.head.commit];
        // Before it is looked for: a run that ends meanwhile finds who waits for it.
        let subject = match &change.pull {
            Some(pull) => Subject::Pull(pull.number),
            None => Subject::Group(change.head.commit),
        };
        self.place.client.forge().store().note_input(self.repository.id, &sides, &subject).await?;
        let (base, head) = tokio::try_join!(self.handed_over(sides[0], wanted), self.handed_over(sides[1], wanted))?;
        let (base, head) = match (base, head) {
            (Ok(base), Ok(head)) => (base, head),
            (base, head) => {
                let missing = [base.err(), head.err()].into_iter().flatten();
                change.input = Input::Missing(missing.collect());
                return Ok(0);
            }
        };
        let bytes = base.iter().chain(&head).map(|(_, bytes)| bytes.len()).sum();
        let sides = Change::between(change.base.clone(), change.head.clone(), change.blobs.clone());
        // A large plan takes its time, and other tasks of this thread must not wait for it.
        let placed = tokio::task::spawn_blocking(move || place(sides, base, head)).await;
        match placed.map_err(|error| ForgeError::Setup(error.to_string()))? {
            Ok(placed) => {
                (change.base, change.head, change.blobs, change.input) = (placed.base, placed.head, placed.blobs, Input::There);
            }
            Err(refused) => {
                let refused = refused.into_iter().map(|(of, why)| not_taken(of, wanted, &why));
                change.input = Input::Missing(refused.collect());
            }
        }
        Ok(bytes)
    }

    async fn handed_over(&self, of: ObjectId, wanted: &Generated) -> Result<HandedOver, ForgeError> {
        if !self.lets(Feature::GeneratedInput) {
            let what = "cannot be looked for: the App may not read workflow runs here".to_owned();
            let way_out = "have an owner grant the App `actions: read`".to_owned();
            return Ok(Err(Missing { of, what, way_out, is_pending: false }));
        }
        let client = self.place.client.forge().installation(self.installation, Scope::Input(self.repository.id));
        let place = Place { client, ..self.place.clone() };
        let run = match self.run(&place, of, wanted).await? {
            Ok(run) => run,
            Err(missing) => return Ok(Err(missing)),
        };
        artifact(&place, of, &run, wanted).await
    }

    /// The run that counts.
    async fn run(&self, place: &Place, of: ObjectId, wanted: &Generated) -> Result<Result<wire::WorkflowRun, Missing>, ForgeError> {
        let path = place.path(&format!("/actions/workflows/{}/runs?head_sha={of}", wanted.file()));
        let listed = place.client.pages_in(&path, |page: wire::WorkflowRuns| page.workflow_runs).await;
        let Some((runs, _)) = found(listed)? else {
            let what = format!("has no run: there is no workflow {}", wanted.workflow);
            return Ok(Err(missing(of, what, "put the workflow on the default branch, or correct `generated` in the settings")));
        };
        let judged: Vec<(&wire::WorkflowRun, Option<&'static str>)> = runs.iter().map(|run| (run, self.foreign(run, of, wanted))).collect();
        let own = judged.iter().filter(|(_, foreign)| foreign.is_none()).map(|(run, _)| *run).max_by_key(|run| run.id);
        Ok(match own {
            Some(run) if run.status.as_deref() != Some("completed") => {
                let what = format!("has a run of {} that is not done yet", wanted.workflow);
                Err(Missing { is_pending: true, ..missing(of, what, "wait for it") })
            }
            Some(run) if run.conclusion.as_deref() != Some("success") => {
                let ended = run.conclusion.as_deref().unwrap_or("nothing");
                Err(missing(of, format!("has a run of {} that ended with {ended}", wanted.workflow), "mend the workflow, or run it again"))
            }
            Some(run) => Ok(run.clone()),
            None => Err(match judged.iter().find_map(|(_, foreign)| *foreign) {
                Some(foreign) => {
                    let what = format!("has no run of {} but one that {foreign}", wanted.workflow);
                    missing(of, what, "have somebody with write access push the commit to a branch of this repository")
                }
                None => {
                    let what = format!("has no run of {} yet", wanted.workflow);
                    let way_out = "wait for it; if none begins, see that the workflow runs on every push, and bring the branch up to date";
                    Missing { is_pending: true, ..missing(of, what, way_out) }
                }
            }),
        })
    }

    /// Why a run does not count, to be read after "a run that"; `None` for one that does.
    fn foreign(&self, run: &wire::WorkflowRun, of: ObjectId, wanted: &Generated) -> Option<&'static str> {
        let own = self.repository.id;
        // `…/synth.yml@main`, and with the repository before it, where the forge says so.
        let path = run.path.split('@').next().unwrap_or_default();
        let named = format!("{}/{}/", self.repository.owner, self.repository.name);
        let path = path.strip_prefix(named.as_str()).unwrap_or(path);
        if run.head_sha != of.to_string() {
            return Some("is of another commit");
        }
        if path != wanted.workflow {
            return Some("is of another workflow");
        }
        if run.repository.id != own || run.head_repository.as_ref().is_none_or(|head| head.id != own) {
            return Some("is a fork's");
        }
        (!EVENTS.contains(&run.event.as_str())).then_some("was not begun by a push or a merge queue")
    }
}

/// Puts the input into both trees, or says of which commits it is refused and why.
fn place(mut change: Change, base: Files, head: Files) -> Result<Change, Vec<(ObjectId, String)>> {
    let placed = [
        (change.base.commit, generated::place(base, &mut change.base, &mut change.blobs, object::blob_id)),
        (change.head.commit, generated::place(head, &mut change.head, &mut change.blobs, object::blob_id)),
    ];
    let refused: Vec<(ObjectId, String)> = placed.into_iter().filter_map(|(of, placed)| Some((of, placed.err()?))).collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    generated::compare_plans(&mut change).map_err(|why| vec![(change.head.commit, why)])?;
    Ok(change)
}

async fn artifact(place: &Place, of: ObjectId, run: &wire::WorkflowRun, wanted: &Generated) -> Result<HandedOver, ForgeError> {
    let path = place.path(&format!("/actions/runs/{}/artifacts?name={}", run.id, super::tree::escape(&wanted.artifact)));
    let listed = found(place.client.pages_in(&path, |page: wire::Artifacts| page.artifacts).await)?;
    let artifacts = listed.map(|(artifacts, _)| artifacts).unwrap_or_default();
    // Of several attempts of a run the last one counts.
    let newest = artifacts.into_iter().filter(|artifact| artifact.name == wanted.artifact).max_by_key(|artifact| artifact.id);
    let name = &wanted.artifact;
    let Some(artifact) = newest else {
        let way_out = "have the workflow upload it, also where nothing changed";
        return Ok(Err(missing(of, format!("has a run without an artifact {name}"), way_out)));
    };
    let is_of_the_run = artifact.workflow_run.as_ref().is_none_or(|of_run| of_run.id == run.id && of_run.head_sha == run.head_sha);
    if !is_of_the_run {
        return Err(ForgeError::Untrue { what: format!("the artifact {} of run {}", artifact.id, run.id) });
    }
    if artifact.expired {
        return Ok(Err(missing(of, format!("has an artifact {name} that has expired"), "run the workflow again")));
    }
    if artifact.size_in_bytes > MAX_ARCHIVE {
        return Ok(Err(not_taken(of, wanted, &format!("is larger than the {MAX_ARCHIVE} bytes that are read"))));
    }
    let Some(archive) = archive(place, &artifact).await? else {
        return Ok(Err(missing(of, format!("has an artifact {name} that is gone"), "run the workflow again")));
    };
    if archive.len() as u64 > MAX_ARCHIVE {
        return Ok(Err(not_taken(of, wanted, &format!("is larger than the {MAX_ARCHIVE} bytes that are read"))));
    }
    // Unpacking takes its time, and other tasks of this thread must not wait for it.
    let unpacked = tokio::task::spawn_blocking(move || {
        let files = zip::read(&archive);
        // A plan has secrets in it: it is kept nowhere.
        let may_be_kept = files.as_ref().is_ok_and(|files| !generated::has_plan(files));
        (files, may_be_kept.then_some(archive))
    });
    let (files, archive) = unpacked.await.map_err(|error| ForgeError::Setup(error.to_string()))?;
    if let (Some(archive), Some(_)) = (archive, &artifact.digest) {
        place.client.forge().store().keep_objects(&[(archive_key(place, &artifact), archive)]).await?;
    }
    Ok(files.map_err(|refused| not_taken(of, wanted, &refused.to_string())))
}

fn archive_key(place: &Place, artifact: &wire::Artifact) -> String {
    format!("{}/artifact/{}", place.id, artifact.id)
}

/// The archive, from the cache where it is there; `None` where it is gone. What the forge knows the digest of has that digest.
async fn archive(place: &Place, artifact: &wire::Artifact) -> Result<Option<Vec<u8>>, ForgeError> {
    let digest = artifact.digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:")).map(str::to_lowercase);
    let holds = |bytes: &[u8]| {
        let found: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        digest.as_ref().is_none_or(|digest| *digest == found)
    };
    let (store, key) = (place.client.forge().store(), archive_key(place, artifact));
    if digest.is_some() {
        if let Some(known) = store.object(&key).await?.filter(|known| holds(known)) {
            return Ok(Some(known));
        }
        store.drop_object(&key).await?;
    }
    let path = place.path(&format!("/actions/artifacts/{}/zip", artifact.id));
    let Some(bytes) = found(place.client.get_bytes(&path).await)? else { return Ok(None) };
    if !holds(&bytes) {
        return Err(ForgeError::Untrue { what: format!("GET {path}") });
    }
    Ok(Some(bytes))
}

fn missing(of: ObjectId, what: String, way_out: &str) -> Missing {
    Missing { of, what, way_out: way_out.to_owned(), is_pending: false }
}

/// An artifact that is there and may not be used.
fn not_taken(of: ObjectId, wanted: &Generated, why: &str) -> Missing {
    missing(
        of,
        format!("has an artifact {} that {why}", wanted.artifact),
        "mend the workflow: docs/generated.md says what an input may have",
    )
}
