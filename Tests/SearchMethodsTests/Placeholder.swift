// Placeholder until the first test of SearchMethods lands.
