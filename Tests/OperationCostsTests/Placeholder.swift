// Placeholder until the first test of OperationCosts lands.
