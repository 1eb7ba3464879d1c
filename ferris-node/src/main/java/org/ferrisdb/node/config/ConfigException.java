package org.ferrisdb.node.config;

/**
 * A setting that can not be used. The message is one line: key, value, source, what is wrong,
 * remedy.
 */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The whole line. */
  public ConfigException(String message) {
    super(message);
  }

  static ConfigException of(
      ConfigKey key, String value, String source, String wrong, String remedy) {
    return new ConfigException(
        key.key() + " = '" + value + "' (from " + source + "): " + wrong + "; " + remedy);
  }
}
