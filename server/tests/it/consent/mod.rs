mod record;
mod withdraw;
