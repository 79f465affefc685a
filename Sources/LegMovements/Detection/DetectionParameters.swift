// SPDX-License-Identifier: GPL-3.0-or-later

/// Every number that decides what is detected as a movement, and what it is called.
///
/// Accelerations are in mg, times in seconds, frequencies in Hz, angles in degrees. No published detector for the ankle gives
/// thresholds that hold across sensors, so these come from the noise of the parts, the geometry of a foot (1 degree of tilt
/// is 17 mg), the published rules where there are any, and simulation; wide plateaus were preferred to best values.
public struct DetectionParameters: Hashable, Sendable, Codable {
    // Filters.
    /// Half the length of each FIR filter: 1 s in all, so that edges stay sharp.
    public var filterReach = 0.5
    /// Upper edge of the slow signal: gravity, slow displacement, holds, rest levels.
    public var slowCutoff = 2.0
    /// Upper edge of the wide signal, in which edges are measured, or 0.4 of the rate where that is less.
    public var wideCutoff = 10.0
    /// Lower edge of the movement band: above breathing.
    public var bandLowerCutoff = 0.5

    // Signals.
    /// The window of the envelope's root mean square.
    public var envelopeWindow = 0.2
    /// The span over which the slow signal's step is taken: it sees slow flexions that the envelope does not.
    public var stepSpan = 1.0

    // The running floor of the envelope and of the step.
    /// How much worn signal is looked back on (MATPLM: 60 s).
    public var floorLookBack = 60.0
    /// One value is kept for each of these.
    public var floorHop = 0.1
    /// The floor is renewed at each multiple of this.
    public var floorRenewal = 1.0
    /// The share of values below the floor: a minute may be moved through by four fifths.
    public var floorFraction = 0.2
    /// With less to look back on than this the floor counts as 0, and the fixed thresholds rule.
    public var floorShortest = 10.0
    /// Nothing is detected above this floor: walking about, a vehicle.
    public var suspendFloor = 20.0

    // Bursts: on and off thresholds are the larger of a fixed one, above the noise of every part, and a multiple of the floor.
    /// The envelope above which a burst begins: above the noise of every part.
    public var envelopeOn = 6.0
    /// The envelope above which a burst goes on.
    public var envelopeOff = 3.0
    /// The same two thresholds in multiples of the floor.
    public var envelopeOnFloors = 5.0
    /// The envelope above which a burst goes on, in floors.
    public var envelopeOffFloors = 2.5
    /// Half a degree within a second.
    public var stepOn = 8.0
    /// The step above which a burst goes on.
    public var stepOff = 4.0
    /// The step above which a burst begins, in floors: a sine, as of breathing, peaks at 3.2 of its 20th percentile.
    public var stepOnFloors = 5.0
    /// The step above which a burst goes on, in floors.
    public var stepOffFloors = 2.5
    /// Bursts closer than this are one.
    public var burstJoin = 0.2
    /// Longer bursts are cut, which bounds memory.
    public var burstLongest = 120.0

    // The hold bridge: a foot that flexes, holds and returns is one movement, silent to an accelerometer in the middle.
    /// The stretch beside a burst whose mean slow signal is the rest level.
    public var levelSpan = 1.0
    /// The longest silent hold.
    public var holdLongest = 15.0
    /// The longest chain of bursts and holds: the longest large movement.
    public var chainLongest = 45.0
    /// The leg is back when its level is within this of where it was…
    public var returnWithin = 4.0
    /// …or within this share of the displacement…
    public var returnFraction = 0.35
    /// …but never farther than this.
    public var returnFarthest = 75.0
    /// The same share and smallest limit at the end of a hold.
    public var holdReturnFraction = 0.4
    /// The smallest limit at the end of a hold.
    public var holdReturnWithin = 3.0
    /// The rest that ends a movement (WASM 2016).
    public var restShortest = 0.5

    // Edges, in the displacement of the wide signal from the rest level.
    /// An edge lies where this share of the displacement near it is passed.
    public var edgeFraction = 0.25
    /// How far from the first guess the peak nearby may lie: the rise of a flexion.
    public var edgeReach = 0.4
    /// The share of the largest displacement at which the first guess lies.
    public var edgeFirstGuess = 0.05
    /// No edge lies below this displacement…
    public var edgeLowest = 2.5
    /// …nor below this multiple of the floor.
    public var edgeFloors = 4.0
    /// The filter's own rise, taken off both ends.
    public var edgeTrim = 0.03
    /// The shortest movement (WASM 2016).
    public var shortest = 0.5
    /// Smaller displacements, wide and slow, are no movement: bed linen, a partner.
    public var smallestWide = 32.0
    /// The same for the slow signal: 0.9 degrees.
    public var smallestSlow = 16.0

    // Posture changes: the shank lies otherwise than before.
    /// The lasting change of direction that makes a movement a change of posture.
    public var postureAngle = 6.0
    /// The same beside another change of posture, of the other leg or just before or after.
    public var postureAngleBesideAnother = 2.0
    /// The change of direction of the other leg that counts as another.
    public var postureAngleOfOther = 15.0
    /// How near in time another change of this leg must be.
    public var postureNearness = 3.0

    // Rhythm: at least four cycles at 0.3 Hz or faster, by the autocorrelation of the envelope.
    /// The shortest train.
    public var rhythmShortest = 4.0
    /// The longest period.
    public var rhythmLongestPeriod = 3.4
    /// The height of the autocorrelation that makes a rhythm.
    public var rhythmHeight = 0.45
    /// The fewest cycles.
    public var rhythmCycles = 4.0
    /// The height that is enough while the other leg has a rhythm.
    public var rhythmHeightBesideAnother = 0.3
    /// A train rests between its beats: a fifth of the time it is nearer to rest than this share of its peak.
    public var rhythmRest = 0.16
    /// The longest of the brief movements that make a train.
    public var trainLongestBurst = 1.5
    /// The largest ratio of intervals in a train of brief movements.
    public var trainEvenness = 1.5
    /// The shortest train of brief movements, first to last.
    public var trainShortest = 4.0
    /// Beats closer than this are one.
    public var beatJoin = 0.2

    // Gait: strong rhythm soon after the shank was raised.
    /// The envelope that a stride reaches.
    public var gaitEnvelope = 150.0
    /// The slow displacement that a stride reaches: the shank swings by more than 10 degrees, in a foot train it does not.
    public var gaitSwing = 170.0
    /// The longest period: two strides.
    public var gaitLongestPeriod = 3.0
    /// The change of direction that raises a shank, or lowers it.
    public var risingAngle = 30.0
    /// How long after one strong rhythm is a walk.
    public var risingReach = 90.0
    /// How alike the direction of a movement and a walk is for both to be out of bed.
    public var uprightTolerance = 30.0
    /// How long after a walk one is still out of bed, unless a turn ends it.
    public var outingLongest = 300.0
    /// How long before a walk one is out of bed already.
    public var outingLead = 20.0
    /// The shortest walk that makes an outing.
    public var outingShortestWalk = 8.0

    // Two legs.
    /// Movements of two legs this close are looked at together.
    public var pairNearness = 0.2
    /// Alike, small and without tilt on both legs: the bed moved, not the legs.
    public var commonCorrelation = 0.9
    /// How far apart the two sensors' clocks may be.
    public var commonLargestLag = 0.5
    /// The largest slow displacement that the bed passes on.
    public var commonLargestSlow = 20.0
    /// The largest ratio of the two envelopes.
    public var commonSizeRatio = 2.5
    /// A small copy of the other leg's movement, felt here.
    public var echoCorrelation = 0.8
    /// The largest size of an echo, as a share of what it echoes.
    public var echoSizeRatio = 0.1

    // Non-wear: still, at the sensor's own noise, without breathing or pulse, and cold or lying as it never lay on the leg.
    /// The blocks that are looked at, in which all three must be absent for ``nonwearFewestBlocks`` in a row.
    public var stillnessSpan = 300.0
    /// The envelope that the bed may pass on to a sensor that nobody wears.
    public var stillnessLargestBurst = 25.0
    /// The fewest undisturbed windows of a block.
    public var stillnessFewestWindows = 6.0
    /// Samples a second of the signal that breathing and pulse are looked for in.
    public var rippleRate = 12.5
    /// Samples in a window of its spectrum.
    public var rippleWindow = 512.0
    /// The lowest frequency of breathing, and of the noise that it is set against.
    public var rippleLowest = 0.12
    /// The highest frequency of the pulse and its harmonics.
    public var rippleHighest = 3.0
    /// The highest frequency of the noise.
    public var rippleNoiseHighest = 5.0
    /// Below this ratio of the highest power to the median one a block shows nobody (noise of four parts: at most 2.2).
    public var rippleOfNobody = 2.5
    /// The same for all windows of a run of blocks together (noise of four parts: at most 1.4).
    public var rippleOfNobodyInRun = 1.6
    /// The fewest blocks in a run.
    public var nonwearFewestBlocks = 3.0
    /// How much colder than in the half hour before the sensor gets, in °C.
    public var nonwearCooling = 3.0
    /// How far from every direction with life in it the sensor lies…
    public var nonwearNovelAngle = 20.0
    /// …for at least this many blocks.
    public var nonwearNovelBlocks = 6.0

    // Rest and sleep.
    /// The shortest recording whose rest interval is estimated: less is no night (a usable one has 4 h).
    public var restShortestRecording = 14_400.0
    /// The sustained inactivity that rest is made of (HDCZA, van Hees 2018): blocks of at least this…
    public var restShortestBlock = 1800.0
    /// …with gaps shorter than this filled.
    public var restLongestGap = 3600.0
    /// The window over which changes of direction are looked at.
    public var restWindow = 300.0
    /// The threshold is this multiple of the 10th percentile of the changes…
    public var restPercentileFactor = 15.0
    /// …but no lower than this…
    public var restLowestAngle = 0.13
    /// …and no higher than this.
    public var restHighestAngle = 0.5
    /// The activity, in mg averaged over a minute, at which a minute among still ones is wake by Cole and Kripke's weights.
    public var wakeActivity = 2.0

    /// The parameters in use unless others are asked for.
    public init() {}

    /// Whether a detector can work with them: positive spans and filters in order, and nothing that takes unbounded memory.
    public var isUsable: Bool {
        let spans = [
            filterReach, envelopeWindow, stepSpan, floorLookBack, floorHop, floorRenewal, burstLongest, holdLongest,
            chainLongest, edgeReach, stillnessSpan, restWindow,
        ]
        return spans.allSatisfy { (0.01...3600).contains($0) } && (0.1...2).contains(filterReach)
            && (0.05...100).contains(slowCutoff) && bandLowerCutoff > 0 && bandLowerCutoff < min(wideCutoff, 8)
            && slowCutoff <= 8 && wideCutoff <= 100 && floorLookBack / floorHop <= 60_000
            && (0...1).contains(floorFraction) && (16...8192).contains(rippleWindow)
            && rippleWindow.truncatingRemainder(dividingBy: 2) == 0
            && (1...100).contains(rippleRate) && rippleLowest < rippleHighest && rippleHighest < 0.45 * rippleRate
            && nonwearFewestBlocks >= 1 && stillnessSpan >= 60
    }

    /// The parameters in use unless others are asked for.
    public static let standard = DetectionParameters()
    /// For a sensor as noisy as an ADXL345: fixed thresholds of 8 and 4 mg.
    public static let noisySensor: DetectionParameters = {
        var parameters = DetectionParameters()
        parameters.envelopeOn = 8
        parameters.envelopeOff = 4
        return parameters
    }()
    /// The thresholds of the RestEaze code, 100 and 50 mg: only large movements.
    public static let largeMovements: DetectionParameters = {
        var parameters = DetectionParameters()
        parameters.envelopeOn = 100
        parameters.envelopeOff = 50
        parameters.stepOn = 100
        parameters.stepOff = 50
        return parameters
    }()
}
