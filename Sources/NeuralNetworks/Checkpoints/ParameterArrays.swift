import TensorCore

/// The arrays of a training that a checkpoint keeps: parameters with what belongs to each of them.
public struct ParameterArrays {
  /// Arrays with a place for each parameter: its values, its momentum.
  private struct Group {
    let prefix: String
    let list: [Parameter]
    let values: UnsafeMutableBufferPointer<Float>
  }

  private var groups: [Group] = []

  /// Starts without arrays.
  public init() {}

  /// Adds arrays `<prefix>/<parameter's name>`.
  ///
  /// - Parameter values: All of them in the order of declaration, alive as long as this is used;
  ///   none are added if it is `nil` or empty.
  public mutating func add(
    _ prefix: String, _ list: [Parameter], _ values: UnsafeMutableBufferPointer<Float>?
  ) {
    guard let values, !values.isEmpty else { return }
    groups.append(Group(prefix: prefix, list: list, values: values))
  }

  /// Adds weights, what the optimizer remembers of them, and running statistics of a training.
  public mutating func add(_ parameters: Parameters, _ optimizer: any Optimizer) {
    add("weight", parameters.trainable, parameters.flatValues)
    for array in optimizer.arrays { add(array.name, parameters.trainable, array.values) }
    add("statistic", parameters.statistics, parameters.flatStatistics)
  }

  /// Adds a policy's parameters and moments under a name of their own.
  public mutating func add(_ name: String, _ parameters: Parameters, _ optimizer: Adam) {
    add(name, parameters.trainable, parameters.flatValues)
    add("\(name).mean", parameters.trainable, optimizer.flatMoments.mean)
    add("\(name).square", parameters.trainable, optimizer.flatMoments.square)
  }

  /// A copy of all arrays.
  public var safetensors: Safetensors {
    Safetensors(
      groups.flatMap { group in
        group.list.map { parameter in
          Safetensors.Tensor(
            name: "\(group.prefix)/\(parameter.name)", sizes: parameter.sizes,
            values: group.values[parameter.offset..<parameter.offset + parameter.count])
        }
      })
  }

  /// Copies arrays in, each of which must be there with its sizes, and no other.
  ///
  /// - Throws: `CheckpointError` that says which array does not fit; nothing is copied then.
  public func assign(_ found: Safetensors) throws(CheckpointError) {
    let count = groups.reduce(0) { $0 + $1.list.count }
    guard found.tensors.count == count else {
      throw CheckpointError(
        "the checkpoint has \(found.tensors.count) arrays; expected \(count)")
    }
    var byName: [String: Safetensors.Tensor] = [:]
    for tensor in found.tensors { byName[tensor.name] = tensor }
    for group in groups {
      for parameter in group.list {
        let name = "\(group.prefix)/\(parameter.name)"
        guard let tensor = byName[name], tensor.sizes == parameter.sizes else {
          throw CheckpointError(
            "the checkpoint has \(byName[name].map { "\($0.sizes)" } ?? "nothing") for \(name); "
              + "expected \(parameter.sizes)")
        }
      }
    }
    for group in groups {
      for parameter in group.list {
        let values = byName["\(group.prefix)/\(parameter.name)"]?.values ?? []
        for (index, value) in values.enumerated() {
          group.values[parameter.offset + index] = value
        }
      }
    }
  }
}
