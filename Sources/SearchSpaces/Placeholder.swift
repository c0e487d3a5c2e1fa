// Placeholder until the first file of SearchSpaces lands.
