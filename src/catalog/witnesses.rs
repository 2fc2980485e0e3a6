//! What a fact keeps of what makes it so: no more than somebody reads, and nothing of it in silence.

use sha2::{Digest, Sha256};

/// Most witnesses that a fact keeps.
const MAX_WITNESSES: usize = 8;

/// Witnesses in order, and no more than fit; of the others their number and a digest, so that one more among them is no silent one.
pub(crate) fn bounded(mut witnesses: Vec<String>) -> Vec<String> {
    witnesses.sort_unstable();
    witnesses.dedup();
    let others = witnesses.split_off(witnesses.len().min(MAX_WITNESSES));
    if !others.is_empty() {
        witnesses.push(format!("… {} more #{}", others.len(), digest(&others.join("\n"))));
    }
    witnesses
}

/// What stands for a text where only whether it is the same is asked, in 32 hexadecimal digits: nobody can write another text that has the same.
pub(crate) fn fingerprint(text: &str) -> String {
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The same as bytes, for what is never written out.
pub(crate) fn short(text: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(text)[..16]);
    short
}

/// A text that is too long to be shown, in eight hexadecimal digits: whatever changes in it, they change.
pub(crate) fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
