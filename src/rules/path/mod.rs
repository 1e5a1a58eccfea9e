//! Packet-level proofs: whether packets come from one place to another, hop by hop, as far as the facts tell.
//!
//! A path is cut where something takes packets and sends its own on (a load balancer, a gateway, an ingress controller):
//! those are **entrances** of what lies behind them. Between them lie **legs**. A leg carries two exact sets of headers
//! from hop to hop, what certainly and what possibly comes through; a fact that is not there narrows the one and not the
//! other, so that taking facts away never turns an answer around. A leg is judged by its sets, a path by its legs.
//!
//! `headers` is the algebra, `leg` what a stretch is made of and judged by, `prove` joins legs to paths, `answers` their
//! answers; `aws`, `azure` and `kubernetes` know where resources lie, which gates stand between, and what is an entrance
//! to what.

mod answers;
mod aws;
mod azure;
pub mod headers;
mod kubernetes;
pub mod leg;
pub mod places;
pub mod prove;
pub mod reason;
pub mod traffic;
