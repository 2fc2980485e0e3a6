//! Dates and times.
//!
//! Comes in: a plain scalar. Goes out: whether it is one, and whether there is such a day. Their text stays as written: that is what
//! CloudFormation keeps of `2010-09-09`.

/// A date, or a date with a time, as both readers match it.
pub(super) struct Timestamp {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    offset_minutes: u32,
}

impl Timestamp {
    /// `YYYY-MM-DD`, or a day and a time of day with an optional fraction and an optional offset.
    pub(super) fn find(text: &str) -> Option<Self> {
        let mut rest = text.as_bytes();
        let year = number(&mut rest, 4, 4)?;
        let month = after(&mut rest, b'-').and_then(|()| digits(&mut rest, 1, 2))?;
        let day = after(&mut rest, b'-').and_then(|()| digits(&mut rest, 1, 2))?;
        let date = Self { year, month: month.0, day: day.0, hour: 0, minute: 0, second: 0, offset_minutes: 0 };
        if rest.is_empty() {
            return (month.1 == 2 && day.1 == 2).then_some(date);
        }
        if after(&mut rest, b'T').or_else(|| after(&mut rest, b't')).is_none() && blanks(&mut rest) == 0 {
            return None;
        }
        let hour = number(&mut rest, 1, 2)?;
        let minute = after(&mut rest, b':').and_then(|()| number(&mut rest, 2, 2))?;
        let second = after(&mut rest, b':').and_then(|()| number(&mut rest, 2, 2))?;
        if after(&mut rest, b'.').is_some() {
            let fraction = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            rest = rest.get(fraction..)?;
        }
        let offset_minutes = offset(&mut rest)?;
        rest.is_empty().then_some(Self { hour, minute, second, offset_minutes, ..date })
    }

    /// Whether there is such a day and time, as Python's `datetime` has it.
    pub(super) fn exists(&self) -> bool {
        let is_leap = self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let days = match self.month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        let has_day = self.year > 0 && (1..=days).contains(&self.day);
        has_day && self.hour < 24 && self.minute < 60 && self.second < 60 && self.offset_minutes < 24 * 60
    }
}

/// Blanks and `Z` or `±hh[:mm]`, or nothing. In minutes.
fn offset(rest: &mut &[u8]) -> Option<u32> {
    if rest.is_empty() {
        return Some(0);
    }
    blanks(rest);
    if after(rest, b'Z').is_some() {
        return Some(0);
    }
    after(rest, b'+').or_else(|| after(rest, b'-'))?;
    let hours = number(rest, 1, 2)?;
    let minutes = if after(rest, b':').is_some() { number(rest, 2, 2)? } else { 0 };
    Some(hours * 60 + minutes)
}

fn after(rest: &mut &[u8], byte: u8) -> Option<()> {
    *rest = rest.strip_prefix(&[byte])?;
    Some(())
}

fn blanks(rest: &mut &[u8]) -> usize {
    let count = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    *rest = rest.get(count..).unwrap_or_default();
    count
}

fn number(rest: &mut &[u8], least: usize, most: usize) -> Option<u32> {
    digits(rest, least, most).map(|(value, _)| value)
}

/// A number and how many digits it has.
fn digits(rest: &mut &[u8], least: usize, most: usize) -> Option<(u32, usize)> {
    let count = rest.iter().take(most).take_while(|byte| byte.is_ascii_digit()).count();
    let (number, after) = rest.split_at_checked(count).filter(|_| count >= least)?;
    *rest = after;
    Some((number.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')), count))
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn dates_and_times() {
        for (text, expected) in [
            ("2012-10-17", Some(true)),
            ("2012-1-7", None),
            ("2012-13-17", Some(false)),
            ("2012-02-30", Some(false)),
            ("0000-01-01", Some(false)),
            ("2012-1-7 1:02:03", Some(true)),
            ("2012-10-17T10:20:30Z", Some(true)),
            ("2012-10-17t10:20:30.25 +02:30", Some(true)),
            ("2012-10-17T10:20:30.", Some(true)),
            ("2012-10-17T24:20:30", Some(false)),
            ("2012-10-17T10:20:30+24", Some(false)),
            ("2012-10-17 ", None),
            ("2012-10-17x", None),
            ("10-10-2017", None),
        ] {
            assert_eq!(Timestamp::find(text).map(|found| found.exists()), expected, "{text}");
        }
    }
}
