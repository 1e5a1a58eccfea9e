//! Security Token Service: who is scanning.

use crate::model::call::{Call, Source, Wire};

pub const GET_CALLER_IDENTITY: Call =
    Call { id: "sts:GetCallerIdentity", sdk_service: "STS", permissions: &[], wire: Wire::Query };

pub const IDENTITY: Source = Source::of(&[&GET_CALLER_IDENTITY]);
