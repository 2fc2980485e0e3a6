//! Whether a ledger file only grew from one commit to the next.
//!
//! Comes in: its bytes before and after. Goes out: yes, or what was done to it instead. The forge's branch and a clone's are held to the same.

use super::{begins_block, parse};

/// Whether the new bytes of a file are the old ones with blocks behind them.
///
/// # Errors
/// What a commit does to the file instead, in words that follow its name.
pub fn grows(file: &str, old: &[u8], new: &[u8]) -> Result<(), String> {
    if !new.starts_with(old) {
        return Err(format!("changes what stood in {file} before"));
    }
    let unreadable = || format!("leaves {file} in a state that cannot be read");
    let text = std::str::from_utf8(new).map_err(|_| unreadable())?;
    let blocks = parse(text).map_err(|_| unreadable())?;
    let before = text.get(..old.len()).and_then(|text| parse(text).ok());
    let stand = before.is_none_or(|before| blocks.starts_with(&before));
    if stand && begins_block(text, old.len()) {
        return Ok(());
    }
    Err(format!("adds to a decision that stood in {file} before"))
}
