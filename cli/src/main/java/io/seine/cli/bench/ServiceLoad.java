package io.seine.cli.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The services that a node is given. */
sealed interface ServiceLoad {
  /** As reports have it: "1000 services". */
  String label();

  /** All services, as the API's JSON. */
  List<String> services();

  /** All slices as they are at first, as the API's JSON. */
  List<String> slices();

  /** How many slices there are to change, numbered from 0. */
  int changing();

  /**
   * A slice after a change.
   *
   * @param generation counts its changes; one endpoint differs between each and the next
   */
  String changed(int slice, int generation);

  /**
   * So many services of {@link #ENDPOINTS} endpoints each. Some of them, evenly strewn among the
   * rest, can be given endpoints that are there.
   */
  record Many(int count) implements ServiceLoad {
    static final int ENDPOINTS = 10;
    private static final int SERVED = 200;

    @Override
    public String label() {
      return count + " services";
    }

    @Override
    public List<String> services() {
      return IntStream.range(0, count).mapToObj(SyntheticServices::service).toList();
    }

    @Override
    public List<String> slices() {
      return IntStream.range(0, count).mapToObj(number -> changed(number, 0)).toList();
    }

    @Override
    public int changing() {
      return count;
    }

    @Override
    public String changed(int number, int generation) {
      return SyntheticServices.slice(number, 0, generation, remote(number, generation));
    }

    /** The numbers of the services that traffic is sent to. */
    List<Integer> served() {
      int step = Math.max(1, count / SERVED);
      return IntStream.range(0, Math.min(count, SERVED)).mapToObj(i -> i * step).toList();
    }

    /** The addresses of a service's endpoints that nobody has. */
    static List<String> remote(int number, int generation) {
      List<String> addresses = new ArrayList<>();
      addresses.add(SyntheticServices.remote(16 * number + (generation % 2 == 1 ? ENDPOINTS : 0)));
      for (int i = 1; i < ENDPOINTS; i++) {
        addresses.add(SyntheticServices.remote(16 * number + i));
      }
      return addresses;
    }
  }

  /** One service of so many endpoints, a hundred in a slice. */
  record One(int endpoints) implements ServiceLoad {
    private static final int IN_A_SLICE = 100;

    @Override
    public String label() {
      return "1 service of " + endpoints + " endpoints";
    }

    @Override
    public List<String> services() {
      return List.of(SyntheticServices.service(0));
    }

    @Override
    public List<String> slices() {
      return IntStream.range(0, changing()).mapToObj(part -> changed(part, 0)).toList();
    }

    @Override
    public int changing() {
      return Math.ceilDiv(endpoints, IN_A_SLICE);
    }

    @Override
    public String changed(int part, int generation) {
      List<String> addresses = new ArrayList<>();
      int end = Math.min(endpoints, (part + 1) * IN_A_SLICE);
      for (int i = part * IN_A_SLICE; i < end; i++) {
        boolean other = addresses.isEmpty() && generation % 2 == 1;
        addresses.add(SyntheticServices.remote(other ? endpoints + part : i));
      }
      return SyntheticServices.slice(0, part, generation, addresses);
    }
  }
}
