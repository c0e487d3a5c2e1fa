extension RecipeField {
  /// The JSON schema (draft 2020-12) of what stands under `recipe` in a suite: a name, or a mapping
  /// with a name and the fields that it replaces.
  public static var schema: [String: any Sendable] {
    let name: [String: any Sendable] = ["enum": TrainingProtocol.presets.map(\.recipe)]
    var properties: [String: any Sendable] = ["name": name]
    for field in all(in: .recipe) { properties[field.key] = field.schema }
    let mapping: [String: any Sendable] = [
      "type": "object", "properties": properties, "required": ["name"],
      "additionalProperties": false,
    ]
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Searchlight recipe",
      "oneOf": [name, mapping] as [[String: any Sendable]],
    ]
  }

  /// The schema of one value.
  private var schema: [String: any Sendable] {
    func number(_ type: String, _ low: any Sendable, _ high: any Sendable) -> [String: any Sendable]
    {
      ["type": type, "minimum": low, "maximum": high]
    }
    func optional(_ schema: [String: any Sendable]) -> [String: any Sendable] {
      ["oneOf": [["const": "none"], schema] as [[String: any Sendable]]]
    }
    var found: [String: any Sendable] =
      switch value {
      case .integer(_, let range): number("integer", range.lowerBound, range.upperBound)
      case .number(_, let range): number("number", range.lowerBound, range.upperBound)
      case .boolean: ["type": "boolean"]
      case .optionalInteger(_, let range):
        optional(number("integer", range.lowerBound, range.upperBound))
      case .optionalNumber(_, let range):
        optional(number("number", range.lowerBound, range.upperBound))
      case .integers(_, let range):
        ["type": "array", "items": number("integer", range.lowerBound, range.upperBound)]
      case .choice(let names, _, _): ["enum": names]
      }
    found["description"] = help
    return found
  }
}
