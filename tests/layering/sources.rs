//! Finds the source files, says which module each is, and leaves out what only tests have.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use syn::{Attribute, Item};

use crate::below;

/// Every file below `folder` with the module it is, those that only tests have left out.
pub(crate) fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("the sources are there") {
            let path = entry.expect("the sources can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    let read: Vec<(String, String)> = files
        .iter()
        .map(|file| (module(folder, file), fs::read_to_string(file).expect("the sources can be read")))
        .collect();
    let tests: BTreeSet<String> =
        read.iter().flat_map(|(module, source)| test_modules(module, source)).collect();
    read.into_iter().filter(|(module, _)| !tests.iter().any(|test| below(module, test))).collect()
}

/// `report/table/mod.rs` → `report::table`; `lib.rs` and `main.rs` → the root.
pub(crate) fn module(folder: &Path, file: &Path) -> String {
    let relative: PathBuf = file.strip_prefix(folder).expect("found below it").with_extension("");
    let mut parts: Vec<String> =
        relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    let root = parts.len() == 1 && (parts[0] == "lib" || parts[0] == "main");
    if root || parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts.join("::")
}

/// Modules in files of their own that only tests have.
pub(crate) fn test_modules(module: &str, source: &str) -> Vec<String> {
    let file = syn::parse_file(source).unwrap_or_else(|error| panic!("{module} does not parse: {error}"));
    let only_tests = file.items.into_iter().filter_map(|item| match item {
        Item::Mod(item) if item.content.is_none() && only_in_tests(&item.attrs) => {
            Some(item.ident.to_string())
        }
        _ => None,
    });
    only_tests.map(|name| if module.is_empty() { name } else { format!("{module}::{name}") }).collect()
}

pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// `#[cfg(test)]`, or an `all` that asks for it.
pub(crate) fn only_in_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        let mut test = false;
        let read = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("all") {
                return meta.parse_nested_meta(|inner| {
                    test |= inner.path.is_ident("test");
                    skip_value(&inner)
                });
            }
            test |= meta.path.is_ident("test");
            skip_value(&meta)
        });
        read.is_ok() && test
    })
}

/// Passes over `= "value"` or `(…)`, so that what follows is read.
pub(crate) fn skip_value(meta: &syn::meta::ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(syn::Token![=]) {
        meta.value()?.parse::<syn::Lit>()?;
    } else if meta.input.peek(syn::token::Paren) {
        let content;
        syn::parenthesized!(content in meta.input);
        content.parse::<TokenStream>()?;
    }
    Ok(())
}
