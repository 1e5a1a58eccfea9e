//! Less of a drawing, where all of it is too much for a page. What does not hold is never what is lost.

use std::collections::{BTreeMap, BTreeSet};

use super::super::diagram::{Arrow, Diagram, Shape, Verdict};

fn is_wrong(verdict: Option<Verdict>) -> bool {
    matches!(verdict, Some(Verdict::Fail | Verdict::Unknown | Verdict::Waived))
}

/// The boxes and arrows that don't hold, and what they touch.
pub(super) fn wrong(diagram: &Diagram) -> Option<Diagram> {
    let Diagram { boxes, arrows, .. } = diagram;
    let near = |arrow: &&Arrow| {
        [arrow.verdict, boxes[arrow.from].verdict, boxes[arrow.to].verdict].into_iter().any(is_wrong)
    };
    let arrows: Vec<&Arrow> = arrows.iter().filter(near).collect();
    let mut kept: BTreeSet<usize> = (0..boxes.len()).filter(|at| is_wrong(boxes[*at].verdict)).collect();
    kept.extend(arrows.iter().flat_map(|arrow| [arrow.from, arrow.to]));
    (!kept.is_empty()).then(|| part(diagram, &kept, &arrows))
}

/// These boxes with the frames they lie in, and these arrows between them.
fn part(diagram: &Diagram, boxes: &BTreeSet<usize>, arrows: &[&Arrow]) -> Diagram {
    let mut framed = BTreeSet::new();
    for at in boxes {
        let mut frame = diagram.boxes[*at].within;
        while let Some(at) = frame.filter(|at| framed.insert(*at)) {
            frame = diagram.frames[at].within;
        }
    }
    let places = |kept: &BTreeSet<usize>| -> BTreeMap<usize, usize> {
        kept.iter().enumerate().map(|(new, old)| (*old, new)).collect()
    };
    let (of_frame, of_box) = (places(&framed), places(boxes));
    let mut part = Diagram::default();
    for at in &framed {
        let mut frame = diagram.frames[*at].clone();
        frame.within = frame.within.map(|outer| of_frame[&outer]);
        part.frames.push(frame);
    }
    for at in boxes {
        let mut shape = diagram.boxes[*at].clone();
        shape.within = shape.within.map(|frame| of_frame[&frame]);
        part.boxes.push(shape);
    }
    let moved =
        |arrow: &&Arrow| Arrow { from: of_box[&arrow.from], to: of_box[&arrow.to], ..(*arrow).clone() };
    part.arrows = arrows.iter().map(moved).collect();
    part
}

/// Each outermost frame as one box; none where there are no frames.
pub(super) fn collapsed(diagram: &Diagram) -> Option<Diagram> {
    let mut outermost: Vec<usize> = Vec::new();
    for (at, frame) in diagram.frames.iter().enumerate() {
        // Frames stand before those within them.
        outermost.push(frame.within.map_or(at, |outer| outermost[outer]));
    }
    let of = |shape: &Shape| shape.within.map(|frame| outermost[frame]);
    (!diagram.frames.is_empty()).then(|| gathered(diagram, of, |frame| diagram.frames[frame].title.clone()))
}

/// All of it as one box.
pub(super) fn summed(diagram: &Diagram) -> Diagram {
    gathered(diagram, |_| Some(0), |_| "the whole drawing".to_owned())
}

/// The boxes that `of` gives one key become one; of the others each stays. Arrows between the same two become one.
fn gathered(
    diagram: &Diagram,
    of: impl Fn(&Shape) -> Option<usize>,
    name: impl Fn(usize) -> String,
) -> Diagram {
    let mut whole = Diagram::default();
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut counts: BTreeMap<usize, Counts> = BTreeMap::new();
    let mut place = Vec::new();
    for shape in &diagram.boxes {
        let Some(key) = of(shape) else {
            place.push(whole.boxes.len());
            whole.boxes.push(shape.clone());
            continue;
        };
        let at = *places.entry(key).or_insert_with(|| {
            whole.boxes.push(Shape {
                id: String::new(),
                name: name(key),
                about: String::new(),
                verdict: None,
                within: None,
            });
            whole.boxes.len() - 1
        });
        counts.entry(at).or_default().add(shape.verdict);
        place.push(at);
    }
    let mut between: BTreeMap<(usize, usize), Vec<&Arrow>> = BTreeMap::new();
    for arrow in &diagram.arrows {
        let (from, to) = (place[arrow.from], place[arrow.to]);
        match counts.get_mut(&from).filter(|_| from == to) {
            // It is drawn no more: its verdict is told with the box that it went into.
            Some(counts) => counts.add(arrow.verdict),
            None => between.entry((from, to)).or_default().push(arrow),
        }
    }
    for (at, Counts { of, drawn }) in counts {
        whole.boxes[at].verdict = of.keys().max().copied();
        let of = of.iter().rev().map(|(verdict, count)| format!("{count} {}", verdict.word()));
        let of: Vec<String> = of.chain((drawn > 0).then(|| format!("{drawn} drawn"))).collect();
        whole.boxes[at].about = of.join(", ");
    }
    for ((from, to), arrows) in between {
        let verdict = arrows.iter().filter_map(|arrow| arrow.verdict).max();
        let label = match arrows[..] {
            [one] => one.label.clone(),
            _ => format!("{} arrows", arrows.len()),
        };
        whole.arrows.push(Arrow { id: String::new(), from, to, label, verdict });
    }
    whole
}

/// How many of what a box stands for.
#[derive(Default)]
struct Counts {
    of: BTreeMap<Verdict, usize>,
    /// Without a verdict.
    drawn: usize,
}

impl Counts {
    fn add(&mut self, verdict: Option<Verdict>) {
        match verdict {
            Some(verdict) => *self.of.entry(verdict).or_default() += 1,
            None => self.drawn += 1,
        }
    }
}
