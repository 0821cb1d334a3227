//! Brings the font of the letters into the crate, from the npm package that is pinned in package-lock.json.

use std::{env, fs, path::Path};

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    let font = root.join("node_modules/@expo-google-fonts/atkinson-hyperlegible-next");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).to_path_buf();
    println!(
        "cargo::rerun-if-changed={}",
        root.join("package-lock.json").display()
    );
    for (weight, name) in [("400Regular", "regular.ttf"), ("700Bold", "bold.ttf")] {
        let file = font.join(format!("{weight}/AtkinsonHyperlegibleNext_{weight}.ttf"));
        if fs::copy(&file, out.join(name)).is_err() {
            println!(
                "cargo::error=The font of the letters is missing. Run `npm ci --ignore-scripts` in the project's folder (or `make`), then build again."
            );
        }
    }
}
