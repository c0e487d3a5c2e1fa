import SearchCore

/// A value as it goes over the wire.
enum PluginValue: Encodable {
  case none
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([PluginValue])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .none: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    }
  }
}

extension TrainingProtocol {
  /// Every number of the recipe that means something for it, by the key that suites write.
  var pluginValues: [String: PluginValue] {
    var values: [String: PluginValue] = ["recipe": .text(recipe)]
    for field in RecipeField.all where field.objection(in: self) == nil {
      if field.place == .data, field.isOff(in: self) { continue }
      values[field.key] = field.pluginValue(in: self)
    }
    return values
  }
}

extension RecipeField {
  fileprivate func pluginValue(in recipe: TrainingProtocol) -> PluginValue {
    switch value {
    case .integer(let path, _): .integer(recipe[keyPath: path])
    case .number(let path, _): .number(recipe[keyPath: path])
    case .boolean(let path): .boolean(recipe[keyPath: path])
    case .optionalInteger(let path, _): recipe[keyPath: path].map { .integer($0) } ?? .none
    case .optionalNumber(let path, _): recipe[keyPath: path].map { .number($0) } ?? .none
    case .integers(let path, _): .list(recipe[keyPath: path].map { .integer($0) })
    case .choice(_, let read, _): .text(read(recipe))
    }
  }
}
