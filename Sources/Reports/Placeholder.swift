// Placeholder until the first file of Reports lands.
