package io.seine.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.agent.facts.LocalPods;
import io.seine.agent.kube.ApiException;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class PodLookupTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final LocalPod DB = pod("shop");
  private static final PodInfo INFO =
      new PodInfo(
          new ObjectRef("v1", "Pod", new ObjectKey("shop", "db"), "u1"),
          "n1",
          List.of(),
          false,
          false,
          Map.of("app", "db"),
          List.of());
  private static final NamespaceInfo SHOP =
      new NamespaceInfo(
          new ObjectRef("v1", "Namespace", new ObjectKey("", "shop"), "u2"), Map.of());

  private final List<String> asked = new ArrayList<>();
  private Optional<String> known = Optional.empty();
  private boolean namespaceKnown;
  private Optional<PodInfo> inApi = Optional.of(INFO);
  private final PodLookup lookup = new PodLookup(new Server(), new Known());

  private static LocalPod pod(String namespace) {
    return new LocalPod(namespace, "db", Ip.parse("10.96.0.5"), Mac.parse("0a:58:0a:60:00:05"), 5);
  }

  private final class Server implements PodLookup.Source {
    @Override
    public Optional<PodInfo> pod(ObjectKey key) {
      asked.add("pod " + key);
      return inApi;
    }

    @Override
    public Optional<NamespaceInfo> namespace(String name) {
      asked.add("namespace " + name);
      return Optional.of(SHOP);
    }
  }

  private final class Known implements LocalPods {
    @Override
    public boolean knows(LocalPod pod, String uid) {
      return known.filter(k -> uid.isEmpty() || k.equals(uid)).isPresent();
    }

    @Override
    public boolean knowsNamespace(LocalPod pod) {
      return namespaceKnown;
    }

    @Override
    public CompletableFuture<Set<Owner>> connect(LocalPod pod, Early early) {
      throw new AssertionError("a lookup connects nothing");
    }

    @Override
    public CompletableFuture<Set<Owner>> disconnect(LocalPod pod) {
      throw new AssertionError("a lookup disconnects nothing");
    }
  }

  @Test
  void shouldAskForWhatTheInformersHaveNotToldOf() throws Exception {
    LocalPods.Early found = lookup.find(DB, "u1", PATIENCE);

    assertThat(found).isEqualTo(new LocalPods.Early(Optional.of(INFO), Optional.of(SHOP)));
    assertThat(asked).containsExactlyInAnyOrder("pod shop/db", "namespace shop");
  }

  @Test
  void shouldAskNothingWhenAllIsKnown() throws Exception {
    known = Optional.of("u1");
    namespaceKnown = true;

    assertThat(lookup.find(DB, "u1", PATIENCE)).isEqualTo(LocalPods.Early.NONE);
    assertThat(lookup.find(DB, "", PATIENCE)).isEqualTo(LocalPods.Early.NONE);
    assertThat(asked).isEmpty();
  }

  @Test
  void shouldNotTakeAPodForTheNamesakeBeforeIt() throws Exception {
    known = Optional.of("u0");
    namespaceKnown = true;

    assertThat(lookup.find(DB, "u1", PATIENCE).pod()).contains(INFO);
    assertThat(asked).containsExactly("pod shop/db");
  }

  @Test
  void shouldTakeThatThereIsNoSuchPodForAnAnswer() throws Exception {
    inApi = Optional.empty();

    assertThat(lookup.find(DB, "u1", PATIENCE).pod()).isEmpty();
  }

  @Test
  void shouldAskNothingOfAContainerThatIsNoPod() throws Exception {
    assertThat(lookup.find(pod("-"), "", PATIENCE)).isEqualTo(LocalPods.Early.NONE);
    assertThat(asked).isEmpty();
  }

  @Test
  void shouldSayWhoDidNotAnswer() {
    CountDownLatch never = new CountDownLatch(1);
    PodLookup silent =
        new PodLookup(
            new PodLookup.Source() {
              @Override
              public Optional<PodInfo> pod(ObjectKey key) throws ApiException {
                try {
                  never.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                throw new ApiException("interrupted");
              }

              @Override
              public Optional<NamespaceInfo> namespace(String name) {
                return Optional.empty();
              }
            },
            new Known());

    assertThatThrownBy(() -> silent.find(DB, "u1", Duration.ofMillis(50)))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "which policies concern pod shop/db is not known, so it is not connected: the API"
                + " server did not answer within 50 ms");
  }

  @Test
  void shouldPassOnWhatTheServerSaid() {
    PodLookup refused =
        new PodLookup(
            new PodLookup.Source() {
              @Override
              public Optional<PodInfo> pod(ObjectKey key) throws ApiException {
                throw new ApiException("Pod shop/db cannot be read: forbidden");
              }

              @Override
              public Optional<NamespaceInfo> namespace(String name) {
                return Optional.empty();
              }
            },
            new Known());

    assertThatThrownBy(() -> refused.find(DB, "u1", PATIENCE))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("Pod shop/db cannot be read: forbidden");
  }
}
