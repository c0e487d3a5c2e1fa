import CKernels

extension RecurrentCellPass {
  /// What backward holds beside what forward left.
  private struct Gradients {
    /// The gradient of h of all steps, completed step by step.
    let output: Floats
    /// [state][batch, hidden] of the step at hand.
    let states: Storage
    /// Products of readers, [batch, hidden], where a backend makes them apart.
    let product: Storage
    /// [edge][4][hidden], sums over batch and time; `nil` if no mixture wants them.
    let mixtures: Storage?
    /// The transposed weights of each node.
    let transposes: [PackedMatrix]
  }

  func backward(_ gradient: Tensor) {
    let sink = input.requiresGradient ? input.gradientSink(tape) : nil
    let sinks = edges.map { edge -> Tensor? in
      guard case .mixture(let weights) = edge.function, weights.requiresGradient else { return nil }
      return weights.gradientSink(tape).tensor
    }
    let wantsMixtures = sinks.contains { $0 != nil }
    let mixtures = wantsMixtures ? tape.scratch(edges.count * 4 * hidden) : nil
    let states = tape.scratch((nodes + 1) * batch * hidden)
    let product = tape.scratch(levels.reduce(1) { max($0, $1.count) } * batch * hidden)
    tape.compute { context in
      mixtures?.floats.update(repeating: 0, count: edges.count * 4 * hidden)
      let gradients = Gradients(
        output: gradient.floats, states: states, product: product, mixtures: mixtures,
        transposes: (0...nodes).map {
          PackedMatrix(
            matrix($0), rows: 2 * hidden, columns: hidden, isTransposed: true, on: tape,
            in: context)
        })
      for step in (0..<steps).reversed() { backward(at: step, gradients, context) }
      if tape.differentiates(parameters) { addWeightGradients(context) }
      if let (sink, accumulates) = sink {
        context.matmul(
          m: steps * batch, n: inputs, k: 2 * hidden, a: initialGates.floats, lda: 2 * hidden,
          b: parameters.pointer(weights.initial), ldb: 2 * hidden, transposedB: true,
          c: sink.floats, ldc: sink.pixelStride, accumulates: accumulates)
      }
      if let mixtures { addMixtureGradients(mixtures.floats, to: sinks) }
    }
  }

  // MARK: One step

  private func backward(at step: Int, _ gradients: Gradients, _ context: ComputeContext) {
    var isWritten = [Bool](repeating: false, count: nodes + 1)
    for level in levels.reversed() {
      launch(
        level.reversed().map { node in
          let hasDirect = isWritten[node]
          return Pulled(
            readers: edges.filter { $0.source == node }
              .map { (gates($0, at: step), gradients.transposes[$0.node]) },
            kernel: ck_cell_gradient(
              readers: 0, reader: nil, product: nil,
              dstate: gradients.states.floats + node * batch * hidden,
              has_direct: hasDirect ? 1 : 0,
              dmean: outputs.contains(node)
                ? UnsafePointer(gradients.output + step * batch * hidden) : nil,
              share: 1 / Float(outputs.count), state: state(node, at: step),
              scale: scale(node, at: step).map { UnsafePointer($0) }, edges: 0, edge: nil),
            edges: backEdges(of: node, at: step, gradients, &isWritten))
        }, gradients, context)
    }
    guard step > 0 else { return }
    // What reached h of the step before directly, from state 0, and through the product.
    let kernel = ck_cell_gradient(
      readers: 0, reader: nil, product: nil,
      dstate: gradients.output + (step - 1) * batch * hidden, has_direct: 1, dmean: nil, share: 0,
      state: nil, scale: nil, edges: 0, edge: nil)
    launch(
      [
        Pulled(
          readers: [(initialGates(at: step), gradients.transposes[0])], kernel: kernel, edges: [])
      ], gradients, context)
  }

  /// A state whose gradient is gathered and passed on to what it was made of.
  private struct Pulled {
    var readers: [(gates: Floats, transpose: PackedMatrix)]
    var kernel: ck_cell_gradient
    var edges: [ck_cell_back_edge]
  }

  private func backEdges(
    of node: Int, at step: Int, _ gradients: Gradients, _ isWritten: inout [Bool]
  ) -> [ck_cell_back_edge] {
    guard node > 0 else {
      return [
        ck_cell_back_edge(
          source: previous(step), gates: initialGates(at: step),
          dsource: step > 0 ? gradients.output + (step - 1) * batch * hidden : nil, overwrites: 0,
          mixture: initial.alone, dmixture: nil)
      ]
    }
    return edges.filter { $0.node == node }.map { edge in
      defer { isWritten[edge.source] = true }
      return ck_cell_back_edge(
        source: state(edge.source, at: step), gates: gates(edge, at: step),
        dsource: gradients.states.floats + edge.source * batch * hidden,
        overwrites: isWritten[edge.source] ? 0 : 1, mixture: edge.mixture,
        dmixture: gradients.mixtures.map { $0.floats + edge.index * 4 * hidden })
    }
  }

  private func launch(_ pulled: [Pulled], _ gradients: Gradients, _ context: ComputeContext) {
    let isPacked = gradients.transposes[0].packed != nil
    let readers = pulled.flatMap { state in
      state.readers.map { ck_cell_reader(gates: $0.gates, packed: $0.transpose.packed?.floats) }
    }
    if isPacked {
      context.counters.count(
        rows: readers.count * batch, depth: 2 * hidden, columns: hidden,
        lanes: Int(context.kernels.lanes))
    }
    readers.withUnsafeBufferPointer { readers in
      pulled.flatMap { $0.edges }.withUnsafeBufferPointer { edges in
        var (firstReader, firstEdge) = (0, 0)
        let kernels = pulled.enumerated().map { index, state in
          var kernel = state.kernel
          if isPacked {
            kernel.readers = Int32(state.readers.count)
            kernel.reader = readers.baseAddress.map { $0 + firstReader }
          } else if !state.readers.isEmpty {
            let product = gradients.product.floats + index * batch * hidden
            multiply(state.readers, into: product, context)
            kernel.product = UnsafePointer(product)
          }
          kernel.edges = Int32(state.edges.count)
          kernel.edge = edges.baseAddress.map { $0 + firstEdge }
          firstReader += state.readers.count
          firstEdge += state.edges.count
          return kernel
        }
        context.kernels.cell_backward(
          context.pool, Int32(batch), Int32(hidden), Int32(kernels.count), kernels, mask.floats)
      }
    }
  }

  private func multiply(
    _ readers: [(gates: Floats, transpose: PackedMatrix)], into product: Floats,
    _ context: ComputeContext
  ) {
    for (index, reader) in readers.enumerated() {
      reader.transpose.multiply(
        context, m: batch, a: reader.gates, lda: 2 * hidden, c: product, ldc: hidden,
        accumulates: index > 0)
    }
  }

  // MARK: All steps

  private func addWeightGradients(_ context: ComputeContext) {
    let rows = steps * batch
    func add(
      _ rows: Int, _ depth: Int, _ left: Floats, _ gates: Floats, to target: Floats,
      accumulates: Bool
    ) {
      context.matmulTransposed(
        m: rows, n: 2 * hidden, k: depth, a: left, lda: depth, b: gates, ldb: 2 * hidden,
        c: target, ldc: 2 * hidden, accumulates: accumulates)
    }
    let (initial, accumulates) = parameters.gradientSink(weights.initial)
    add(rows, inputs, input.floats, initialGates.floats, to: initial, accumulates: accumulates)
    add(
      rows, hidden, maskedHidden.floats, initialGates.floats, to: initial + inputs * 2 * hidden,
      accumulates: accumulates)
    for (index, parameter) in weights.nodes.enumerated() {
      var (target, accumulates) = parameters.gradientSink(parameter)
      var rest = edges.filter { $0.node == index + 1 }[...]
      while let first = rest.first {
        // Neighbouring edges from neighbouring states lie one after another: one product.
        let run = rest.enumerated().prefix { $1.source == first.source + $0 }.count
        add(
          run * rows, hidden, masked(first.source, at: 0), gates(first, at: 0), to: target,
          accumulates: accumulates)
        accumulates = true
        rest = rest.dropFirst(run)
      }
    }
  }

  /// Sums over the hidden units, in order and in double precision.
  private func addMixtureGradients(_ sums: Floats, to sinks: [Tensor?]) {
    for (edge, sink) in sinks.enumerated() {
      guard let sink else { continue }
      for function in 0..<4 {
        let start = (edge * 4 + function) * hidden
        let total = (start..<start + hidden).reduce(0.0) { $0 + Double(sums[$1]) }
        sink.floats[1 + function] += Float(total)
      }
    }
  }
}
