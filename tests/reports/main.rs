//! Each format read by a program that its users read it with. A file a format; `tests/consumers` installs the programs.

#![allow(dead_code, reason = "formats that use it come one by one")]

mod asff;
mod consumers;
mod hostile;
mod html;
mod ocsf;
