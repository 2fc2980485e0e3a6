//! Functions over numbers.

use crate::formats::terraform::decimal::Decimal;
use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::functions::arguments::{Arguments, Function, NUMBER, NUMBERS, TEXT, row};
use crate::formats::terraform::value::{Kind, MAX_WEIGHT};
use std::cmp::Ordering;

pub(super) const FUNCTIONS: &[Function] = &[
    row("abs", &[NUMBER], |given| {
        let number = given.number(0)?;
        Ok(Kind::Number(if compare(number, Decimal::ZERO)?.is_lt() { number.negated() } else { number }))
    }),
    row("ceil", &[NUMBER], |given| computed(given.number(0)?.negated().floor().map(Decimal::negated))),
    row("floor", &[NUMBER], |given| computed(given.number(0)?.floor())),
    row("log", &[NUMBER, NUMBER], |given| from_float(given.number(0)?.to_float().ln() / given.number(1)?.to_float().ln())),
    row("max", &[NUMBER], |given| extreme(given, Ordering::Greater)).rest(NUMBER),
    row("min", &[NUMBER], |given| extreme(given, Ordering::Less)).rest(NUMBER),
    row("parseint", &[TEXT, NUMBER], parseint),
    row("pow", &[NUMBER, NUMBER], |given| from_float(given.number(0)?.to_float().powf(given.number(1)?.to_float()))),
    row("range", &[NUMBER, NUMBER, NUMBER], range).optional(2),
    row("signum", &[NUMBER], |given| Ok(Kind::Number(given.number(0)?.signum()))),
    row("sum", &[NUMBERS], sum),
];

fn computed(number: Option<Decimal>) -> Outcome {
    number.map(Kind::Number).ok_or_else(|| Kind::unknown("a number of more digits than are computed with"))
}

/// Terraform has these two in binary floating point too.
fn from_float(number: f64) -> Outcome {
    if number.is_finite() { computed(Decimal::from_float(number)) } else { Err(Kind::unknown("a number without bounds")) }
}

fn compare(one: Decimal, other: Decimal) -> Result<Ordering, Kind> {
    one.compare(other).ok_or_else(|| Kind::unknown("two numbers too close to tell apart"))
}

fn extreme(given: &Arguments<'_>, wanted: Ordering) -> Outcome {
    let mut found = given.number(0)?;
    for index in 1..given.values.len() {
        let number = given.number(index)?;
        if compare(number, found)? == wanted {
            found = number;
        }
    }
    Ok(Kind::Number(found))
}

fn parseint(given: &Arguments<'_>) -> Outcome {
    let text = given.text(0)?;
    let base = u32::try_from(given.integer(1)?).ok().filter(|base| (2..=62).contains(base));
    let base = base.ok_or_else(|| Kind::error("a base must be from 2 to 62"))?;
    if base > 36 || text.len() > 20 {
        return Err(Kind::unknown("a number of more digits than are computed with"));
    }
    i128::from_str_radix(text, base)
        .map(|number| Kind::Number(number.into()))
        .map_err(|_| Kind::error("it is no whole number of that base"))
}

fn range(given: &Arguments<'_>) -> Outcome {
    let (start, end) = if given.values.len() == 1 { (Decimal::ZERO, given.number(0)?) } else { (given.number(0)?, given.number(1)?) };
    let is_down = compare(end, start)?.is_lt();
    let step = if given.values.len() > 2 { given.number(2)? } else { Decimal::from(if is_down { -1_i128 } else { 1 }) };
    let runs_away = step.is_zero() || (compare(step, Decimal::ZERO)?.is_lt() != is_down && compare(start, end)?.is_ne());
    if runs_away {
        return Err(Kind::error("the step does not lead to the end"));
    }
    let mut numbers = Vec::new();
    let mut at = start;
    while compare(at, end)? == if is_down { Ordering::Greater } else { Ordering::Less } {
        if numbers.len() >= MAX_ITEMS.min(MAX_WEIGHT) {
            return Err(Kind::error(format!("more than {MAX_ITEMS} numbers")));
        }
        numbers.push(given.make(Kind::Number(at)));
        at = at.plus(step).ok_or_else(|| Kind::unknown("a number of more digits than are computed with"))?;
    }
    Ok(Kind::list(numbers))
}

/// Terraform refuses ranges that are longer.
const MAX_ITEMS: usize = 1_024;

fn sum(given: &Arguments<'_>) -> Outcome {
    let items = given.items(0)?;
    if items.is_empty() {
        return Err(Kind::error("there is nothing to sum up"));
    }
    let mut total = Decimal::ZERO;
    for item in &**items {
        let Kind::Number(number) = item.kind else { return Err(Kind::error("all items must be numbers")) };
        total = total.plus(number).ok_or_else(|| Kind::unknown("a number of more digits than are computed with"))?;
    }
    Ok(Kind::Number(total))
}
