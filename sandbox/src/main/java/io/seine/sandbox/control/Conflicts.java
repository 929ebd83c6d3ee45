package io.seine.sandbox.control;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.function.Supplier;

/** Changes of objects that others change too. */
public final class Conflicts {
  private static final int ATTEMPTS = 20;

  private Conflicts() {}

  /**
   * Reads, changes and writes an object, anew when somebody else changed it between.
   *
   * @param change does all three
   * @throws KubernetesClientException for other failures, and when others are quicker 20 times
   */
  public static <T> T retry(Supplier<T> change) {
    for (int attempt = 1; ; attempt++) {
      try {
        return change.get();
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }
}
