package org.ferrisdb.client;

import java.util.Map;

/** No cluster was reached. The message names every address that was tried and why it failed. */
public final class ConnectionFailedException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-CONNECT";

  private final transient Map<String, String> addressesTried;

  ConnectionFailedException(String message, String hint, Map<String, String> addressesTried) {
    super(CODE, Outcome.NOT_APPLIED, message, hint, addressesTried.size());
    this.addressesTried = Map.copyOf(addressesTried);
  }

  /** Every address, as host:port, and why it failed. */
  public Map<String, String> addressesTried() {
    return addressesTried;
  }
}
