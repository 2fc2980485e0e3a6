-- Until when what a pull request says holds, in seconds since 1970, 0 for ever: an emergency or a decision that ends.
ALTER TABLE published ADD COLUMN stands_until INTEGER NOT NULL DEFAULT 0;
