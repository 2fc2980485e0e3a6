//! What the kernel says of a process: time of the processor, memory, threads and open files.

#![allow(dead_code, reason = "each benchmark uses a part of it")]

use std::fs;

/// User and system time of a process, in ticks of 10 ms.
pub(crate) fn ticks(process: u32) -> u32 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).expect("the kernel accounts for processes");
    let fields: Vec<&str> = text.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    [11, 12].iter().map(|field| fields[*field].parse::<u32>().expect("a number of ticks")).sum()
}

/// The most that was ever resident, in MiB.
pub(crate) fn peak(process: u32) -> f64 {
    kibibytes(process, "VmHWM:") / 1024.0
}

/// What is resident now, in MiB.
pub(crate) fn resident(process: u32) -> f64 {
    kibibytes(process, "VmRSS:") / 1024.0
}

pub(crate) fn threads(process: u32) -> f64 {
    kibibytes(process, "Threads:")
}

/// Open file descriptors.
pub(crate) fn descriptors(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count)
}

/// A number of the kernel's status of a process.
fn kibibytes(process: u32, name: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).expect("the kernel accounts for processes");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0 kB");
    line.split_whitespace().next().and_then(|number| number.parse::<f64>().ok()).unwrap_or(0.0)
}
