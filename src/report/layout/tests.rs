use super::*;
use crate::model::run::GroupForm;
use crate::report::diagram::{Arrow, Frame, Shape};

/// A drawing of boxes (each with its frame) and arrows.
fn diagram(frames: &[Option<usize>], boxes: &[Option<usize>], arrows: &[(usize, usize)]) -> Diagram {
    Diagram {
        frames: frames
            .iter()
            .enumerate()
            .map(|(at, within)| Frame {
                title: format!("frame {at}"),
                form: GroupForm::Network,
                within: *within,
            })
            .collect(),
        boxes: boxes
            .iter()
            .enumerate()
            .map(|(at, within)| Shape {
                id: format!("box_{at}"),
                name: format!("box_{at}"),
                about: "subnet · 2".to_owned(),
                verdict: None,
                within: *within,
            })
            .collect(),
        arrows: arrows
            .iter()
            .map(|(from, to)| Arrow {
                id: format!("{from}-{to}"),
                from: *from,
                to: *to,
                label: "placed-in".to_owned(),
                verdict: None,
            })
            .collect(),
        beside: Vec::new(),
    }
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}

/// A drawing of this many boxes, a fifth more arrows, and frames three deep; cycles, twins and loops included.
fn random(boxes: usize, seed: u64) -> Diagram {
    let mut dice = Dice(seed);
    let frames: Vec<Option<usize>> =
        (0..=boxes / 6).map(|at| (at > 1 && dice.below(2) == 0).then(|| dice.below(at.min(4)))).collect();
    let places: Vec<Option<usize>> =
        (0..boxes).map(|_| (dice.below(8) > 0).then(|| dice.below(frames.len()))).collect();
    let arrows: Vec<(usize, usize)> =
        (0..boxes * 6 / 5).map(|_| (dice.below(boxes), dice.below(boxes))).collect();
    diagram(&frames, &places, &arrows)
}

fn apart(a: Rect, b: Rect) -> bool {
    let slack = 0.01;
    a.x + a.width <= b.x + slack
        || b.x + b.width <= a.x + slack
        || a.y + a.height <= b.y + slack
        || b.y + b.height <= a.y + slack
}

fn inside(inner: Rect, outer: Rect) -> bool {
    inner.x >= outer.x - 0.01
        && inner.y >= outer.y - 0.01
        && inner.x + inner.width <= outer.x + outer.width + 0.01
        && inner.y + inner.height <= outer.y + outer.height + 0.01
}

/// That nothing lies on anything it should not lie on.
fn assert_tidy(diagram: &Diagram, layout: &Layout, what: &str) {
    let paper = Rect { x: 0.0, y: 0.0, width: layout.width, height: layout.height };
    for (at, rect) in layout.boxes.iter().enumerate() {
        assert!(inside(*rect, paper), "{what}: box {at} off the paper");
        for (other, second) in layout.boxes.iter().enumerate().skip(at + 1) {
            assert!(apart(*rect, *second), "{what}: boxes {at} and {other}");
        }
        for (frame, around) in layout.frames.iter().enumerate() {
            let mut own = diagram.boxes[at].within;
            while own.is_some_and(|own| own != frame) {
                own = own.and_then(|own| diagram.frames[own].within);
            }
            let fits = if own.is_some() { inside(*rect, *around) } else { apart(*rect, *around) };
            assert!(fits, "{what}: box {at} and frame {frame}");
        }
    }
    for (at, route) in layout.arrows.iter().enumerate() {
        let ends = [diagram.arrows[at].from, diagram.arrows[at].to];
        for (other, rect) in layout.boxes.iter().enumerate() {
            assert!(apart(route.label, *rect), "{what}: label {at} on box {other}");
            for pair in route.corners.windows(2) {
                let line = Rect {
                    x: pair[0].0.min(pair[1].0),
                    y: pair[0].1.min(pair[1].1),
                    width: (pair[0].0 - pair[1].0).abs(),
                    height: (pair[0].1 - pair[1].1).abs(),
                };
                assert!(
                    ends.contains(&other) || apart(line, *rect),
                    "{what}: arrow {at} through box {other}"
                );
            }
        }
        for (other, second) in layout.arrows.iter().enumerate().skip(at + 1) {
            assert!(apart(route.label, second.label), "{what}: labels {at} and {other}");
        }
    }
}

#[test]
fn nothing_overlaps_whatever_the_drawing() {
    for (boxes, seeds) in [(1, 3), (2, 8), (5, 20), (20, 20), (60, 4)] {
        for seed in 0..seeds {
            let what = format!("{boxes} boxes, seed {seed}");
            let diagram = random(boxes, seed);
            let layout = lay_out(&diagram).unwrap_or_else(|| panic!("{what}: not laid out"));
            assert_tidy(&diagram, &layout, &what);
        }
    }
}

#[test]
fn an_empty_drawing_is_small_and_the_same_drawing_is_the_same_picture() {
    let empty = lay_out(&Diagram::default()).expect("nothing to lay out");
    assert!(empty.width < 100.0 && empty.height < 100.0);
    let twice = [(), ()].map(|()| lay_out(&random(20, 7)).expect("laid out"));
    assert_eq!(twice[0].boxes, twice[1].boxes);
    assert_eq!(twice[0].arrows, twice[1].arrows);
}
