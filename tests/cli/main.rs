//! The program as others run it: arguments, files and a clean environment in, stdout, stderr and an exit code out.

mod bad_input;
mod harness;
mod hostile;
mod outputs;
mod paths;
mod policies;
mod recorded;
mod renders;
mod reports;
mod snapshots;
mod usage;
mod verdicts;
mod waivers;
