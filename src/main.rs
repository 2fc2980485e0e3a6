//! The `astride` program.

fn main() {}
