//! The `stacks-audit` command; all of it is in [`stacks_audit::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    stacks_audit::cli::run()
}
