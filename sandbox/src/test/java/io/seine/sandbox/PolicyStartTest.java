package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.Conversation.Kind;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.SandboxNode.Part;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Nothing is open that should be closed: not when a pod starts, and not when its switch does. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class PolicyStartTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration WATCHED = Duration.ofMillis(500);
  private static final int PORT = 9500;
  private static final int PODS = 6;
  private static final String POLICY =
      """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: closed}
      spec:
        podSelector: {matchLabels: {app: closed}}
        policyTypes: [Ingress, Egress]
      """;
  private final ServiceCluster cluster;

  PolicyStartTest(ServiceCluster cluster) {
    this.cluster = cluster;
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  /** From each new pod somebody sends as soon as there is a network to send by. */
  @Test
  void aPodIsIsolatedFromItsFirstMoment() throws IOException {
    try (Scene scene = cluster.scene()) {
      scene.pod("server", 1, "server", "{containerPort: 8080}");
      scene.awaitPods();
      scene.apply(POLICY);
      Place server = scene.place("server");
      Set<String> heard = ConcurrentHashMap.newKeySet();
      try (DatagramChannel listener =
              server.namespace().datagram(new InetSocketAddress("0.0.0.0", PORT));
          FirstWords words =
              new FirstWords(view(), new InetSocketAddress(server.address(), PORT))) {
        listen(listener, heard);
        for (int i = 0; i < PODS; i++) {
          scene.pod("closed-" + i, 1 + i % 2, "closed", "{containerPort: 8080}");
          scene.pod("open-" + i, 1 + i % 2, "open", "{containerPort: 8080}");
        }
        scene.awaitPods();
        Set<String> open = new HashSet<>();
        for (int i = 0; i < PODS; i++) {
          open.add(scene.place("open-" + i).address());
        }
        await().atMost(LIMIT).until(() -> heard.containsAll(open));
        LockSupport.parkNanos(WATCHED.toNanos());

        assertThat(words.speakers()).isGreaterThanOrEqualTo(2 * PODS);
        assertThat(heard).isEqualTo(open);
      }
    }
  }

  private static void listen(DatagramChannel listener, Set<String> heard) {
    Thread _ =
        Thread.ofVirtual()
            .name("listener")
            .start(() -> {
              try {
                while (true) {
                  InetSocketAddress from =
                      (InetSocketAddress) listener.receive(ByteBuffer.allocate(16));
                  heard.add(from.getAddress().getHostAddress());
                }
              } catch (ClosedChannelException e) {
                Thread.currentThread().interrupt();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  @Test
  void nothingPassesWhileTheSwitchOfANodeComesBack() {
    try (Scene scene = cluster.scene()) {
      scene.pod("server", 1, "closed", "{containerPort: 8080}");
      scene.pod("near", 1, "client", "{containerPort: 8080}");
      scene.pod("far", 2, "client", "{containerPort: 8080}");
      scene.awaitPods();
      scene.apply(POLICY);
      Place server = scene.place("server");
      Target web = Target.tcp(server.address(), 8080);
      scene.dropped(scene.place("near"), web);
      scene.dropped(scene.place("far"), web);
      try (Conversation near = start(scene.place("near"), server, PORT + 1);
          Conversation far = start(scene.place("far"), server, PORT + 2)) {
        view().restart("node-1", Part.OVS_VSWITCHD, "KILL");
        await().atMost(LIMIT).until(() -> cluster.sandboxNode(1).agent().isReady());
        scene.answered(cluster.node(1), web, Set.of("server"));
        LockSupport.parkNanos(WATCHED.toNanos());

        assertThat(near.arrivals().count() + far.arrivals().count()).isZero();
        scene.delete(POLICY);
        await()
            .atMost(LIMIT)
            .until(() -> near.arrivals().count() > 0 && far.arrivals().count() > 0);
      }
    }
  }

  private static Conversation start(Place client, Place server, int port) {
    return Conversation.start(
        Kind.UDP_ONE_WAY,
        client,
        server.namespace(),
        port,
        Target.udp(server.address(), port),
        1000);
  }

  /** Sends from every pod that comes, from its namespace's first moment on. */
  private static final class FirstWords implements AutoCloseable {
    private final Set<Namespace> known;
    private final Set<DatagramChannel> open = ConcurrentHashMap.newKeySet();
    private final Thread watcher;
    private volatile boolean ended;

    FirstWords(SandboxView view, InetSocketAddress to) {
      String prefix = view.layout().podNamespacePrefix();
      known = new HashSet<>(Namespace.startingWith(prefix));
      watcher = Thread.ofPlatform().name("first-words").start(() -> watch(prefix, to));
    }

    int speakers() {
      return open.size();
    }

    private void watch(String prefix, InetSocketAddress to) {
      while (!ended) {
        for (Namespace namespace : Namespace.startingWith(prefix)) {
          if (!known.contains(namespace)) {
            join(namespace, to);
          }
        }
        LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
      }
    }

    private void join(Namespace namespace, InetSocketAddress to) {
      try {
        DatagramChannel channel = namespace.datagram(new InetSocketAddress("0.0.0.0", 0));
        known.add(namespace);
        open.add(channel);
        Thread _ = Thread.ofVirtual().name("speaker").start(() -> speak(channel, to));
      } catch (UncheckedIOException e) {
        Thread.onSpinWait(); // Its file is there, and it is not yet; or not any more.
      }
    }

    private void speak(DatagramChannel channel, InetSocketAddress to) {
      while (!ended) {
        try {
          var _ = channel.send(ByteBuffer.wrap(new byte[] {1}), to);
        } catch (IOException e) {
          Thread.onSpinWait(); // There is no network yet.
        }
        LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
      }
    }

    @Override
    public void close() throws IOException {
      ended = true;
      try {
        watcher.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      for (DatagramChannel channel : open) {
        channel.close();
      }
    }
  }
}
