#if DEBUG
/// How many texts a tape has parsed: debug builds compare it when a value is read.
final class JSONGeneration {
    var number = 0
}
#endif
