pub mod demands;
mod leaks;
mod obstacles;
pub mod report;
mod rulers;
mod sections;
mod strengths;
