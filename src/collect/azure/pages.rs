//! Lists, page by page, and whether what they show is all there is.

/// What the caller may read of a subscription: asked once.
#[derive(Clone, Debug, Default)]
pub struct Visible;
