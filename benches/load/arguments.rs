//! What is asked for on the command line.

use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) scenario: String,
    pub(crate) postgres: bool,
    pub(crate) count: Option<usize>,
    pub(crate) write_gap: u64,
    pub(crate) replicas: usize,
    pub(crate) kill: bool,
    pub(crate) apart: bool,
    pub(crate) duration: Duration,
}

impl Arguments {
    /// `None` where something is not understood.
    pub(crate) fn parse(words: &[String]) -> Option<Self> {
        let mut words = words.iter().map(String::as_str);
        let scenario = words.next()?.to_owned();
        let mut arguments = Self {
            scenario,
            postgres: false,
            count: None,
            write_gap: 0,
            replicas: 1,
            kill: false,
            apart: false,
            duration: Duration::from_secs(30 * 60),
        };
        while let Some(flag) = words.next() {
            match flag {
                "--store" => arguments.postgres = words.next()? == "postgres",
                "--count" => arguments.count = Some(words.next()?.parse().ok()?),
                "--write-gap" => arguments.write_gap = words.next()?.parse().ok()?,
                "--replicas" => arguments.replicas = words.next()?.parse().ok()?,
                "--minutes" => arguments.duration = Duration::from_secs(60 * words.next()?.parse::<u64>().ok()?),
                "--kill" => arguments.kill = true,
                "--apart" => arguments.apart = true,
                _ => return None,
            }
        }
        Some(arguments)
    }
}
