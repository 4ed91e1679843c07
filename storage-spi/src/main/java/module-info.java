/** How messages and definitions are kept. */
module io.carrick.storage {
  requires transitive io.carrick;

  exports io.carrick.storage;
}
