//! Brings the style sheets, the font and the pinned front-end files into the binary, and makes the NHS front end brand-neutral.

use std::{env, fs, path::Path};

fn main() {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("..");
    let modules = root.join("node_modules");
    let frontend = modules.join("nhsuk-frontend/dist/nhsuk");
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).to_path_buf();
    println!(
        "cargo::rerun-if-changed={}",
        root.join("package-lock.json").display()
    );
    println!(
        "cargo::rerun-if-changed={}",
        frontend.join("nhsuk-frontend.min.css").display()
    );
    println!("cargo::rerun-if-changed=assets");
    let Ok(css) = fs::read_to_string(frontend.join("nhsuk-frontend.min.css")) else {
        println!(
            "cargo::error=The front-end files are missing. Run `npm ci --ignore-scripts` in the project's folder (or `make`), then build again."
        );
        return;
    };
    // The Frutiger typeface is restricted and lives on another host: its rules go, and Inter takes its place.
    let neutral = without_font_faces(&css)
        .replace("Frutiger W01", "Inter Variable")
        .replace("\"Frutiger W01\"", "\"Inter Variable\"");
    let neutral = with_icons(&neutral, &frontend.join("assets/images"));
    fs::write(out.join("nhsuk.css"), neutral).expect("OUT_DIR is writable");
    fs::copy(frontend.join("nhsuk-frontend.min.js"), out.join("nhsuk.js"))
        .expect("nhsuk-frontend ships its script");
    let font = modules.join("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2");
    fs::copy(font, out.join("inter.woff2")).expect("the Inter package ships its Latin font");
}

/// Puts the few icons that the style sheet names into it: nothing else is served from where it looks for them.
fn with_icons(css: &str, images: &Path) -> String {
    let mut parts = css.split("url(/assets/images/");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once(')').expect("url( ends");
        let svg = fs::read_to_string(images.join(name)).expect("nhsuk-frontend ships its icons");
        let svg = svg
            .replace('%', "%25")
            .replace('"', "'")
            .replace('#', "%23")
            .replace('<', "%3C")
            .replace('>', "%3E")
            .replace(['\n', '\r'], " ");
        kept += &format!("url(\"data:image/svg+xml,{}\"){after}", svg.trim());
    }
    kept
}

fn without_font_faces(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(at) = rest.find("@font-face") {
        kept.push_str(&rest[..at]);
        rest = rest[at..].split_once('}').map_or("", |(_, after)| after);
    }
    kept + rest
}
