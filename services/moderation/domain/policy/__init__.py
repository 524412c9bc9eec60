"""The rules: as a document, as people change it, and as members accept it."""
