"""Values of TensorFlow 2.21 that Swift tests compare with.

pip install tensorflow-cpu==2.21.0; python3 Tests/Reference/tensorflow-values.py
"""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()


def ramp(count, multiplier, modulus):
    """Values that Swift makes too: (i * multiplier % modulus) / modulus - 0.5."""
    return np.array(
        [i * multiplier % modulus / modulus - 0.5 for i in range(count)], np.float32)


def floats(values):
    return "[" + ", ".join(f"{value:.9g}" for value in np.array(values).flatten()) + "]"


print("Adam")
for mean, square, epsilon in [(0.0, 0.999, 1e-3), (0.9, 0.999, 1e-8), (0.5, 0.9, 0.05)]:
    tf.reset_default_graph()
    weight, bias = tf.Variable(ramp(6, 5, 11).reshape(3, 2)), tf.Variable(ramp(2, 3, 7))
    rate, inputs = tf.placeholder(tf.float32), 2 * ramp(12, 7, 13).reshape(4, 3)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(
        logits=inputs @ weight + bias, labels=[0, 1, 1, 0]))
    update = tf.train.AdamOptimizer(rate, beta1=mean, beta2=square, epsilon=epsilon).minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for step in range(5):
            session.run(update, {rate: 0.1 - 0.01 * step})
        values = [session.run(weight).flatten(), session.run(bias)]
        print(mean, square, epsilon, floats(np.concatenate(values)))

print("Adam of ENAS' controller, gradient 1e-3: first and hundredth move")
tf.reset_default_graph()
weight = tf.Variable(1.0)
update = tf.train.AdamOptimizer(0.0035, beta1=0.0, epsilon=1e-3).minimize(1e-3 * weight)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    values = [1.0]
    for _ in range(100):
        session.run(update)
        values.append(float(session.run(weight)))
    print(values[0] - values[1], values[99] - values[100])
