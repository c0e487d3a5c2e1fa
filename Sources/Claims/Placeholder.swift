// Placeholder until the first file of Claims lands.
