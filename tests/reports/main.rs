//! Each format read by a program that its users read it with. A file a format; `tests/consumers` installs the programs.

mod asff;
mod consumers;
mod hostile;
mod html;
mod ocsf;
mod prometheus;
mod scraped;
