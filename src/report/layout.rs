//! Where the boxes, frames and arrows of a drawing lie: the layered algorithm of the Eclipse Layout Kernel, by its Rust
//! port. Nothing else knows that library.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthChar;

use super::diagram::Diagram;

/// A drawing with its places, in the units of the picture.
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) frames: Vec<Rect>,
    pub(super) boxes: Vec<Rect>,
    pub(super) arrows: Vec<Route>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The corners of an arrow, from its beginning to its head, and where its label lies.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Route {
    pub(super) corners: Vec<(f64, f64)>,
    pub(super) label: Rect,
}

/// Columns of text to units: of an id, of what is said below it, of an arrow's label, of a frame's title.
const ID: f64 = 8.2;
const SMALL: f64 = 6.6;
/// Beside the text of a box: its mark and its margins.
const MARGIN: f64 = 46.0;
const BOX: f64 = 50.0;
const LABEL: f64 = 18.0;
/// The sides that a picture should have: a page's.
const ASPECT: f64 = 1.45;

/// Columns of text, with more for letters that are broader than most.
fn broad(text: &str) -> f64 {
    let of = |c: char| match c {
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | '…' => 1.6,
        'A'..='Z' | '#' | '&' | '<' | '>' | '=' | '+' | '~' => 1.25,
        _ if c.is_ascii() => 1.0,
        _ => (c.width().unwrap_or(0) as f64).max(1.0) * 1.3,
    };
    text.chars().map(of).sum()
}

/// The places of everything; absent where the library gives up on a drawing.
pub(super) fn lay_out(diagram: &Diagram) -> Option<Layout> {
    // Whichever way makes the picture more like a page, and so its text larger.
    let [down, right] = ["DOWN", "RIGHT"].map(|direction| laid_out(diagram, direction));
    let scale = |layout: &Layout| (layout.width / ASPECT).max(layout.height);
    match (down, right) {
        (Some(down), Some(right)) => Some(if scale(&right) < scale(&down) { right } else { down }),
        (down, right) => down.or(right),
    }
}

fn laid_out(diagram: &Diagram, direction: &str) -> Option<Layout> {
    let graph = graph(diagram, direction).to_string();
    // It recurses deeper than a small stack holds, and panics where its original throws: a report outlives both.
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    let done = thread.spawn(move || elkrs::create_elk().layout_json(&graph).ok()).ok()?.join().ok()??;
    placed(diagram, &done)
}

fn graph(diagram: &Diagram, direction: &str) -> Value {
    let boxes = diagram.boxes.iter().enumerate().map(|(at, shape)| {
        let columns = (broad(&shape.id) * ID).max(broad(&shape.about) * SMALL);
        (
            shape.within,
            json!({ "id": format!("b{at}"), "width": (columns + MARGIN).max(120.0), "height": BOX }),
        )
    });
    let mut inside: Vec<Vec<Value>> = vec![Vec::new(); diagram.frames.len()];
    let mut root = Vec::new();
    for (within, shape) in boxes {
        within.map_or(&mut root, |frame| &mut inside[frame]).push(shape);
    }
    // A frame stands before those within it: from the last one on, each is whole when its outer one takes it.
    for (at, frame) in diagram.frames.iter().enumerate().rev() {
        let children = std::mem::take(&mut inside[at]);
        let own = json!({ "id": format!("f{at}"), "children": children, "layoutOptions": {
            "elk.padding": "[top=40,left=22,bottom=22,right=22]",
        }});
        frame.within.map_or(&mut root, |outer| &mut inside[outer]).push(own);
    }
    let edges = diagram.arrows.iter().enumerate().map(|(at, arrow)| {
        let label = broad(&arrow.label) * SMALL + 24.0;
        json!({ "id": format!("a{at}"), "sources": [format!("b{}", arrow.from)], "targets": [format!("b{}", arrow.to)],
            "labels": [{ "text": arrow.label, "width": label, "height": LABEL,
                "layoutOptions": { "elk.edgeLabels.inline": "true" } }] })
    });
    json!({ "id": "root", "children": root, "edges": edges.collect::<Vec<_>>(), "layoutOptions": {
        "elk.algorithm": "layered",
        "elk.direction": direction,
        "elk.hierarchyHandling": "INCLUDE_CHILDREN",
        "elk.edgeRouting": "ORTHOGONAL",
        "elk.padding": "[top=16,left=16,bottom=16,right=16]",
        "elk.spacing.nodeNode": "26",
        "elk.spacing.edgeNode": "18",
        "elk.spacing.edgeEdge": "14",
        "elk.spacing.edgeLabel": "4",
        "elk.layered.spacing.nodeNodeBetweenLayers": "40",
        "elk.layered.spacing.edgeNodeBetweenLayers": "20",
        "elk.layered.spacing.edgeEdgeBetweenLayers": "14",
        "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
        "elk.aspectRatio": ASPECT.to_string(),
    }})
}

fn placed(diagram: &Diagram, root: &Value) -> Option<Layout> {
    let mut layout = Layout {
        width: tenths(number(root, "width")?),
        height: tenths(number(root, "height")?),
        frames: vec![Rect::default(); diagram.frames.len()],
        boxes: vec![Rect::default(); diagram.boxes.len()],
        arrows: vec![Route::default(); diagram.arrows.len()],
    };
    let mut edges: Vec<(&Value, f64, f64)> = members(root, "edges").map(|edge| (edge, 0.0, 0.0)).collect();
    let mut open: Vec<(&Value, f64, f64)> =
        members(root, "children").map(|child| (child, 0.0, 0.0)).collect();
    while let Some((node, x, y)) = open.pop() {
        let rect = rect(node, x, y)?;
        let (list, at) = index(node, "id")?;
        let list = if list == 'f' { &mut layout.frames } else { &mut layout.boxes };
        *list.get_mut(at)? = rect;
        open.extend(members(node, "children").map(|child| (child, rect.x, rect.y)));
        // An edge is told in the innermost frame around both its ends.
        edges.extend(members(node, "edges").map(|edge| (edge, rect.x, rect.y)));
    }
    for (edge, x, y) in edges {
        let (_, at) = index(edge, "id")?;
        let (x, y) = match edge["container"].as_str() {
            None => (x, y),
            Some("root") => (0.0, 0.0),
            Some(_) => {
                index(edge, "container").and_then(|(_, at)| layout.frames.get(at)).map(|it| (it.x, it.y))?
            }
        };
        let section = edge["sections"].get(0)?;
        let bends = section["bendPoints"].as_array().map(Vec::as_slice).unwrap_or_default();
        let ends = [&section["startPoint"], &section["endPoint"]];
        let points = ends[..1].iter().copied().chain(bends).chain(ends[1..].iter().copied());
        let corners =
            points.map(|point| Some((tenths(number(point, "x")? + x), tenths(number(point, "y")? + y))));
        *layout.arrows.get_mut(at)? =
            Route { corners: corners.collect::<Option<_>>()?, label: rect(edge["labels"].get(0)?, x, y)? };
    }
    layout.arrows.iter().all(|route| route.corners.len() > 1).then_some(layout)
}

fn members<'v>(node: &'v Value, list: &str) -> impl Iterator<Item = &'v Value> {
    node[list].as_array().into_iter().flatten()
}

fn rect(of: &Value, x: f64, y: f64) -> Option<Rect> {
    Some(Rect {
        x: tenths(number(of, "x")? + x),
        y: tenths(number(of, "y")? + y),
        width: tenths(number(of, "width")?),
        height: tenths(number(of, "height")?),
    })
}

fn number(of: &Value, member: &str) -> Option<f64> {
    of[member].as_f64()
}

/// More is nothing that is seen.
pub(super) fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// `b12`: the list it belongs to, and its place there.
fn index(of: &Value, member: &str) -> Option<(char, usize)> {
    let id = of[member].as_str()?;
    Some((id.chars().next()?, id.get(1..)?.parse().ok()?))
}

#[cfg(test)]
mod tests;
