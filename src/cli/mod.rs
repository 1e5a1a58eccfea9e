//! The command line: arguments, terminal, outputs, exit codes. One file a command. Only here are the environment and the
//! terminal read, and is anything printed.

mod age;
mod arguments;
mod bind;
mod check;
mod collect;
mod completions;
mod context;
mod design;
mod exit;
mod explain;
mod logging;
mod opened;
mod output;
mod path;
mod permissions;
mod progress;
mod record;
mod render;
mod schema;
mod terminal;
mod trouble;

use std::ffi::OsString;
use std::process::ExitCode;

pub use context::Context;
pub use exit::Exit;
pub use trouble::Trouble;

/// Does what the arguments of this process say.
pub fn run() -> ExitCode {
    run_with(std::env::args_os()).into()
}

fn run_with(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let (cli, command) = match arguments::parse(arguments) {
        Ok(read) => read,
        Err(error) => {
            // Help and version are errors to the parser, and go to stdout; a reader that left has read enough.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Conformant };
        }
    };
    let context = cli.context();
    logging::start(&context);
    match command.run(&context) {
        Ok(exit) => exit,
        Err(error) => trouble::report(&error, &context),
    }
}
