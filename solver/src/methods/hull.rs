//! The inner hull of some points by double description: the facets of conv{points} + ℝ₊ᴷ, kept while points are added.

/// The inner hull of some points by its facets: extreme rays of {(w, β): w ≥ 0, w·point ≥ β for every point}.
pub(super) struct Hull {
    size: usize,
    points: Vec<Vec<f64>>,
    rays: Vec<Ray>,
}

/// A ray: a facet w·f ≥ β with Σ w = 1, or the one that lowers β alone.
#[derive(Clone)]
struct Ray {
    weights: Vec<f64>,
    beta: f64,
    /// Constraints that it meets with equality, rising: w_k ≥ 0 first, then the points'.
    tight: Vec<usize>,
}

impl Hull {
    /// The hull of one point.
    pub fn of(point: &[f64]) -> Self {
        let size = point.len();
        let unit = |k: usize| {
            let weights = (0..size).map(|l| f64::from(u8::from(l == k))).collect();
            Ray { weights, beta: point[k], tight: (0..=size).filter(|&l| l != k).collect() }
        };
        let mut rays: Vec<Ray> = (0..size).map(unit).collect();
        rays.push(Ray { weights: vec![0.0; size], beta: -1.0, tight: (0..size).collect() });
        Self { size, points: vec![point.to_vec()], rays }
    }

    /// Cuts the cone by w·point ≥ β.
    pub fn add(&mut self, point: &[f64]) {
        let number = self.size + self.points.len();
        self.points.push(point.to_vec());
        let room = |ray: &Ray| ray.weights.iter().zip(point).map(|(weight, value)| weight * value).sum::<f64>() - ray.beta;
        let rooms: Vec<f64> = self.rays.iter().map(room).collect();
        let mut made = Vec::new();
        for (a, inside) in self.rays.iter().zip(&rooms).filter(|(_, room)| **room > CUT) {
            for (b, outside) in self.rays.iter().zip(&rooms).filter(|(_, room)| **room < -CUT) {
                let common: Vec<usize> = a.tight.iter().copied().filter(|tight| b.tight.contains(tight)).collect();
                let holds = |ray: &Ray| common.iter().all(|tight| ray.tight.contains(tight));
                let adjacent = common.len() + 1 >= self.size && self.rays.iter().filter(|ray| holds(ray)).count() == 2;
                if adjacent {
                    made.push(between((a, *inside), (b, -*outside), common, number));
                }
            }
        }
        let mut kept = Vec::new();
        for (mut ray, room) in std::mem::take(&mut self.rays).into_iter().zip(rooms) {
            if room >= -CUT {
                if room <= CUT {
                    ray.tight.push(number);
                }
                kept.push(ray);
            }
        }
        kept.extend(made);
        self.rays = kept;
    }

    /// The first facet that is not settled.
    pub fn facet(&self, settled: impl Fn(&[f64], f64) -> bool) -> Option<(Vec<f64>, f64)> {
        let facets = self.rays.iter().filter(|ray| ray.weights.iter().sum::<f64>() > 0.5);
        facets
            .map(|ray| (&ray.weights, ray.beta))
            .find(|(weights, beta)| !settled(weights, *beta))
            .map(|(w, b)| (w.clone(), b))
    }
}

/// Room within this of 0 is none, of coordinates around 1.
const CUT: f64 = 1e-9;

/// The ray on the plane of a cut, between one inside and one outside of it.
fn between((inside, a): (&Ray, f64), (outside, b): (&Ray, f64), mut tight: Vec<usize>, number: usize) -> Ray {
    let mut weights: Vec<f64> =
        inside.weights.iter().zip(&outside.weights).map(|(inside, outside)| b * inside + a * outside).collect();
    let sum: f64 = weights.iter().sum();
    for weight in &mut weights {
        *weight /= sum;
    }
    tight.push(number);
    Ray { weights, beta: (b * inside.beta + a * outside.beta) / sum, tight }
}
