// Placeholder until the first file of SearchMethods lands.
