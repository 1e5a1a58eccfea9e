//! Reads one source file: what it names and what it touches, held against the layers.

use std::collections::BTreeMap;
use std::fmt;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Item, UseTree};

use crate::sources::{attributes, only_in_tests};
use crate::{DISK_METHODS, LAYERS, WORLD, below};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Breach {
    pub(crate) module: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}): {}", self.module, self.line, self.what)
    }
}

/// The breaches of one source file, which is the module `module` (`report::table`; empty for the crate's root).
pub(crate) fn breaches(module: &str, source: &str) -> syn::Result<Vec<Breach>> {
    let file = syn::parse_file(source)?;
    let mut reader = Reader::new(module);
    reader.visit_file(&file);
    let mut breaches = reader.breaches;
    breaches.sort();
    breaches.dedup();
    Ok(breaches)
}

/// Reads one file, keeping track of the module it is in and of what `use` brought into it.
pub(crate) struct Reader {
    module: Vec<String>,
    /// Names that `use` brought in, with what they stand for; one frame a module.
    names: Vec<BTreeMap<String, Vec<String>>>,
    breaches: Vec<Breach>,
}

impl Reader {
    fn new(module: &str) -> Self {
        let module = module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { module, names: vec![BTreeMap::new()], breaches: Vec::new() }
    }

    /// The full path: `crate::…` without the `crate`, or an outside crate's; `None` for what is local.
    fn resolve(&self, path: &[String]) -> Option<(bool, Vec<String>)> {
        let (first, rest) = path.split_first()?;
        let own = |base: &[String], rest: &[String]| {
            let ups = rest.iter().take_while(|part| *part == "super").count();
            let base = &base[..base.len().saturating_sub(ups)];
            Some((true, [base, &rest[ups..]].concat()))
        };
        match first.as_str() {
            "crate" | "stacks_audit" => own(&[], rest),
            "self" => own(&self.module, rest),
            "super" => own(&self.module, path),
            name => match self.names.last().and_then(|names| names.get(name)) {
                Some(there) if there.first().map(String::as_str) != Some(name) => {
                    self.resolve(&[there, rest].concat())
                }
                // `use load::load`: the first is a module or crate, whatever its name is taken for.
                Some(there) if there.len() > 1 => Some((false, [there, rest].concat())),
                _ if path.len() > 1 || outside_crate(name) => Some((false, path.to_vec())),
                _ => None,
            },
        }
    }

    fn names_path(&mut self, path: &[String], line: usize) {
        let Some((own, path)) = self.resolve(path) else { return };
        let path = path.join("::");
        if own {
            self.names_layer(&path, line);
        } else {
            self.touches(&path, line);
        }
    }

    fn names_layer(&mut self, path: &str, line: usize) {
        let layer_of = |path: &str| LAYERS.iter().find(|(layer, _)| below(path, layer));
        let here = self.module.join("::");
        let Some((layer, may)) = layer_of(&here) else {
            if !self.module.is_empty() {
                self.breach(line, format!("{here} is in no layer: say in LAYERS whom it may name"));
            }
            return;
        };
        let Some((other, _)) = layer_of(path) else { return };
        if other != layer && !may.iter().any(|allowed| below(path, allowed)) {
            self.breach(line, format!("{layer} names {path}"));
        }
    }

    fn touches(&mut self, path: &str, line: usize) {
        let here = self.module.join("::");
        for world in WORLD {
            let outside = !world.within.iter().any(|module| below(&here, module));
            // The binary's entry may say how the process ends.
            let entry = self.module.is_empty() && path.starts_with("std::process::ExitCode");
            if outside && !entry && world.paths.iter().any(|prefix| below(path, prefix)) {
                self.breach(line, format!("touches {}: {path}", world.what));
            }
        }
    }

    fn breach(&mut self, line: usize, what: String) {
        self.breaches.push(Breach { module: self.module.join("::"), line, what });
    }

    fn import(&mut self, tree: &UseTree, before: &[String]) {
        let mut path = before.to_vec();
        match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                self.import(&inner.tree, &path);
            }
            UseTree::Name(name) if name.ident == "self" => {
                self.bring_in(path.clone(), path.last().cloned(), name.ident.span());
            }
            UseTree::Name(name) => {
                path.push(name.ident.to_string());
                self.bring_in(path, Some(name.ident.to_string()), name.ident.span());
            }
            UseTree::Rename(renamed) => {
                if renamed.ident != "self" {
                    path.push(renamed.ident.to_string());
                }
                self.bring_in(path, Some(renamed.rename.to_string()), renamed.ident.span());
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.span().start().line;
                // What a glob brings in can't be told apart by name, so whatever it opens must be allowed as a whole.
                self.names_path(&path, line);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, &path);
                }
            }
        }
    }

    fn bring_in(&mut self, path: Vec<String>, name: Option<String>, span: Span) {
        self.names_path(&path, span.start().line);
        let Some(names) = self.names.last_mut() else { return };
        if let Some(name) = name {
            names.insert(name, path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !only_in_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let Some((_, items)) = &item.content else { return };
        self.module.push(item.ident.to_string());
        self.names.push(BTreeMap::new());
        for item in items {
            self.visit_item(item);
        }
        self.names.pop();
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let line = path.segments.first().map_or(0, |segment| segment.ident.span().start().line);
        self.names_path(&segments, line);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        visit::visit_macro(self, mac);
        let line = mac.path.segments.first().map_or(0, |segment| segment.ident.span().start().line);
        let here = self.module.join("::");
        for world in WORLD {
            let outside = !world.within.iter().any(|module| below(&here, module));
            if outside && world.macros.iter().any(|name| mac.path.is_ident(name)) {
                self.breach(line, format!("touches {}: {}!", world.what, mac.path.segments[0].ident));
            }
        }
        // A macro's arguments are not parsed as paths: look for them in its tokens.
        let mut paths = Vec::new();
        token_paths(mac.tokens.clone(), &mut paths);
        for (path, line) in paths {
            self.names_path(&path, line);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let method = call.method.to_string();
        let here = self.module.join("::");
        let outside = !WORLD[0].within.iter().any(|module| below(&here, module));
        if outside && call.args.is_empty() && DISK_METHODS.contains(&method.as_str()) {
            let line = call.method.span().start().line;
            self.breach(line, format!("touches {}: .{method}()", WORLD[0].what));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// A crate that is watched as a whole, so that its bare name counts.
fn outside_crate(name: &str) -> bool {
    WORLD.iter().flat_map(|world| world.paths).any(|path| *path == name)
}

/// Paths of more than one segment in unparsed tokens.
pub(crate) fn token_paths(tokens: TokenStream, found: &mut Vec<(Vec<String>, usize)>) {
    let mut path: Vec<String> = Vec::new();
    let (mut line, mut colons) = (0, 0);
    let mut end = |path: &mut Vec<String>, line: usize| {
        if path.len() > 1 {
            found.push((path.clone(), line));
        }
        path.clear();
    };
    let mut groups = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    end(&mut path, line);
                    line = ident.span().start().line;
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            other => {
                end(&mut path, line);
                colons = 0;
                if let TokenTree::Group(group) = other {
                    groups.push(group.stream());
                }
            }
        }
    }
    end(&mut path, line);
    for group in groups {
        token_paths(group, found);
    }
}
