// Placeholder: the suite's first file.
