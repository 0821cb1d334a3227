//! `handrail`: one binary for serving and looking after a service.

fn main() {}
