-- What a pull request was judged with besides its own head and base: the others with the same head, as `number:base`.
ALTER TABLE published ADD COLUMN neighbours TEXT NOT NULL DEFAULT '';
