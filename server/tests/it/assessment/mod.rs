mod demands;
mod leaks;
mod obstacles;
mod report;
mod rulers;
mod sections;
mod strengths;
