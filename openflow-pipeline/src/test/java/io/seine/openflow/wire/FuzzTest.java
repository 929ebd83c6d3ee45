package io.seine.openflow.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.seine.openflow.Bits;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Match;
import io.seine.openflow.OvsText;
import io.seine.openflow.testing.SampleFlows;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * No bytes make a decoder do anything but yield a value or throw {@link DecodeException}: no other
 * exception, no endless loop, no value that cannot be written again. Seeded, so a failure repeats.
 */
class FuzzTest {
  private static final long SEED = 20261121;
  private static final int ROUNDS = 20_000;

  /** A decoder, and a message that it takes. */
  enum Target {
    FLOWS {
      @Override
      byte[] valid(Random random) {
        List<Flow> all = SampleFlows.all();
        return Replies.flows(
            List.of(all.get(random.nextInt(all.size())), all.get(random.nextInt(all.size()))));
      }

      @Override
      void decode(byte[] bytes) throws DecodeException {
        for (InstalledFlow flow : Messages.flows(new Input(bytes)).entries()) {
          // What was understood can be written, and is then understood as the same.
          byte[] again = Replies.flows(List.of(flow.flow()));
          assertThat(Messages.flows(new Input(again)).entries().getFirst().flow())
              .isEqualTo(flow.flow());
          OvsText.of(flow);
        }
      }
    },
    GROUPS {
      @Override
      byte[] valid(Random random) {
        List<Group> all = SampleFlows.groups();
        return Replies.groups(List.of(all.get(random.nextInt(all.size()))));
      }

      @Override
      void decode(byte[] bytes) throws DecodeException {
        for (Group group : Messages.groups(new Input(bytes)).entries()) {
          byte[] again = Replies.groups(List.of(group));
          assertThat(Messages.groups(new Input(again)).entries()).containsExactly(group);
          OvsText.of(group);
        }
      }
    },
    PACKET_IN {
      @Override
      byte[] valid(Random random) {
        ByteBuf out = Unpooled.buffer();
        out.writeInt(-1).writeShort(60).writeByte(1).writeByte(4).writeLong(99);
        Oxm.match(out, Match.of(FieldMatch.exact(Field.IN_PORT, 1)));
        out.writeZero(2 + 60);
        return Replies.bytes(out);
      }

      @Override
      void decode(byte[] bytes) throws DecodeException {
        PacketInCodec.read(new Input(bytes));
      }
    },
    PACKET_IN2 {
      @Override
      byte[] valid(Random random) {
        ByteBuf out = Unpooled.buffer();
        out.writeInt(Wire.NICIRA).writeInt(30);
        Properties.bytes(out, 0, Bits.ones(60));
        Properties.u32(out, 1, 60);
        Properties.u8(out, 3, 4);
        Properties.u64(out, 4, 99);
        ByteBuf fields = Unpooled.buffer();
        Oxm.field(fields, Field.REG3, Bits.of(5, 4), Optional.empty());
        Properties.bytes(out, 6, Bits.of(Replies.bytes(fields)));
        Properties.bytes(out, 7, Bits.ones(5));
        return Replies.bytes(out);
      }

      @Override
      void decode(byte[] bytes) throws DecodeException {
        PacketInCodec.readExperimenter(new Input(bytes));
      }
    },
    ERROR {
      @Override
      byte[] valid(Random random) {
        return new byte[] {0, 2, 0, 4, 1, 2, 3, 4, 5};
      }

      @Override
      void decode(byte[] bytes) throws DecodeException {
        OpenFlowError.read(new Input(bytes));
      }
    },
    HELLO {
      @Override
      byte[] valid(Random random) {
        ByteBuf out = Unpooled.buffer();
        Standard.hello(out, 1);
        return Replies.bytes(out);
      }

      @Override
      void decode(byte[] bytes) throws DecodeException {
        Standard.offersVersion(framed(bytes));
      }
    },
    PORTS {
      @Override
      byte[] valid(Random random) {
        ByteBuf out = Unpooled.buffer();
        int start = Wire.begin(out, 19, 1);
        out.writeShort(13).writeShort(0).writeZero(4);
        out.writeInt(1).writeShort(72).writeZero(2).writeZero(6).writeZero(2);
        out.writeBytes(new byte[] {'e', 't', 'h', '0'}).writeZero(12).writeLong(0);
        out.writeShort(0).writeShort(32).writeZero(28);
        Wire.end(out, start);
        return Replies.bytes(out);
      }

      @Override
      void decode(byte[] bytes) throws DecodeException {
        Standard.ports(framed(bytes));
      }
    };

    abstract byte[] valid(Random random);

    abstract void decode(byte[] bytes) throws DecodeException;

    /** The frame reader sees to it that a message is as long as its header says. */
    static byte[] framed(byte[] bytes) throws DecodeException {
      if (bytes.length < 8) {
        throw new DecodeException("no header");
      }
      byte[] message = bytes.clone();
      message[2] = (byte) (message.length >> 8);
      message[3] = (byte) message.length;
      return message;
    }
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void shouldTakeItsOwnMessage(Target target) throws Exception {
    target.decode(target.valid(new Random(SEED)));
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void shouldSurviveRandomBytes(Target target) {
    Random random = new Random(SEED);
    survive(
        target,
        Stream.generate(() -> {
          byte[] bytes = new byte[random.nextInt(300)];
          random.nextBytes(bytes);
          return bytes;
        }));
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void shouldSurviveFlippedBitsAndCuts(Target target) {
    Random random = new Random(SEED);
    survive(
        target,
        Stream.generate(() -> {
          byte[] bytes = target.valid(random).clone();
          int flips = 1 + random.nextInt(4);
          for (int i = 0; i < flips; i++) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
          }
          int cut = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
          return Arrays.copyOf(bytes, cut);
        }));
  }

  private static void survive(Target target, Stream<byte[]> inputs) {
    assertTimeoutPreemptively(
        Duration.ofMinutes(2),
        () ->
            inputs
                .limit(ROUNDS)
                .forEach(bytes -> {
                  try {
                    target.decode(bytes);
                  } catch (DecodeException e) {
                    assertThat(e).hasMessageNotContaining("null");
                  } catch (RuntimeException | Error e) {
                    throw new AssertionError(target + ": " + HexFormat.of().formatHex(bytes), e);
                  }
                }));
  }

  @Test
  void shouldNeverReadPastTheEndOfAWindow() {
    // given a window inside a larger array
    Input in = new Input(new byte[100], 10, 14);
    // then no read leaves it
    assertThatThrownBy(() -> in.u64()).isInstanceOf(DecodeException.class);
    assertThatThrownBy(() -> in.slice(-1)).isInstanceOf(DecodeException.class);
    assertThatThrownBy(() -> in.bits(5)).isInstanceOf(DecodeException.class);
  }
}
