//! A spinner on the terminal for what takes longer than a second; nothing anywhere else.

use crate::cli::terminal::can_redraw;
use indicatif::{ProgressBar, ProgressDrawTarget};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long nobody needs to be told anything.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows its message until it is dropped.
pub(super) struct Progress {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    pub(super) fn start(message: &'static str) -> Self {
        if !can_redraw() {
            return Self { done: None, thread: None };
        }
        let (done, ended) = channel::<()>();
        let thread = std::thread::spawn(move || {
            // An error other than a time-out means that the work is done.
            if ended.recv_timeout(PATIENCE) != Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_message(message);
            bar.enable_steady_tick(Duration::from_millis(120));
            let _ = ended.recv();
            bar.finish_and_clear();
        });
        Self { done: Some(done), thread: Some(thread) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
