extension Double {
  /// The number without a fraction of zero: `12000` rather than `12000.0`.
  package var shortText: String {
    self == rounded() && magnitude < 1e15 ? String(Int(self)) : String(self)
  }
}
